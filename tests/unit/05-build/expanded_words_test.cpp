#include "05-build/expanded_words.hpp"

#include "unit/05-build/dockerfile_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("which texts the builder expands") {
    struct Row {
        std::string text;
        std::vector<std::string> words;  ///< in brackets: quotes are kept
    };
    Row row = GENERATE(
        Row{"ADD --checksum=c a b", {"a", "b", "c"}},
        Row{"COPY --chown=o --chmod=m --exclude=e a b",
            {"a", "b", "o", "m", "e"}},
        Row{"COPY <<x <<'y' /b\nt\nx\nu\ny", {"/b", "[t\n]"}},
        Row{"ENV a=b c=d", {"a", "b", "c", "d"}}, Row{"LABEL a=b", {"a", "b"}},
        Row{"EXPOSE 1 2", {"1", "2"}}, Row{"STOPSIGNAL TERM", {"TERM"}},
        Row{"USER u", {"u"}}, Row{"VOLUME [\"a\", \"b\"]", {"a", "b"}},
        Row{"WORKDIR /a b", {"/a b"}}, Row{"ARG a b=c", {"c"}},
        Row{"RUN --mount=type=tmpfs,target=/t x", {"[tmpfs]", "[/t]"}},
        // These are a shell's, or a later build's.
        Row{"RUN a", {}}, Row{"CMD a", {}}, Row{"ENTRYPOINT a", {}},
        Row{"HEALTHCHECK CMD a", {}}, Row{"ONBUILD COPY a b", {}},
        Row{"MAINTAINER a", {}}, Row{"SHELL [\"a\"]", {}});
    CAPTURE(row.text);
    std::vector<std::string> words;
    for_each_expanded(only(row.text), [&](const ExpandedText& part) {
        words.push_back(part.keep_quotes ? "[" + part.text + "]" : part.text);
    });
    CHECK(words == row.words);
}
