#include "05-build/build_printer.hpp"

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

using Kind = BuildEvent::Kind;

BuildEvent event(Kind kind, std::string text = {}) {
    return {kind, 3, "build", 2, 5, std::move(text), 1.5};
}

std::string printed(BuildPrinter::Form form, bool explain,
                    const std::vector<BuildEvent>& events) {
    TempDir folder("printer");
    std::string path = folder.path() + "/out";
    FILE* out = std::fopen(path.c_str(), "w");
    {
        BuildPrinter printer(out, form, explain);
        for (const BuildEvent& each : events) printer.sink()(each);
        printer.finish();
    }
    std::fclose(out);
    return read_file(path, 1 << 20);
}

}  // namespace

TEST_CASE("plain: a line for each thing, output by whole lines") {
    std::string text = printed(
        BuildPrinter::Form::Plain, true,
        {event(Kind::Started, "RUN make"), event(Kind::Missed, "ARG V is new"),
         event(Kind::Output, "one\ntw"), event(Kind::Output, "o\nrest"),
         event(Kind::Done)});
    CHECK_THAT(text, ContainsSubstring("#3 [build 2/5] RUN make\n"));
    CHECK_THAT(text, ContainsSubstring("#3 not cached: ARG V is new\n"));
    CHECK_THAT(text, ContainsSubstring(" one\n"));
    CHECK_THAT(text, ContainsSubstring(" two\n"));
    CHECK_THAT(text, ContainsSubstring(" rest\n"));
    CHECK_THAT(text, Catch::Matchers::EndsWith("#3 DONE 1.5s\n"));
    CHECK_THAT(
        printed(BuildPrinter::Form::Plain, false,
                {event(Kind::Started, "RUN make"), event(Kind::Missed, "why"),
                 event(Kind::Cached), event(Kind::Done)}),
        Catch::Matchers::EndsWith("RUN make\n#3 CACHED\n"));
}

TEST_CASE("a command's output cannot command the terminal") {
    for (auto form :
         {BuildPrinter::Form::Plain, BuildPrinter::Form::Terminal}) {
        std::string text = printed(
            form, false,
            {event(Kind::Started, "RUN x"),
             event(Kind::Output, "\x1b]0;title\x07\x1b[31mred\x1b[0m\r\n"),
             event(Kind::Failed, "no")});
        CHECK_THAT(text, ContainsSubstring("red"));
        CHECK(text.find('\x07') == std::string::npos);
        CHECK(text.find("\x1b]") == std::string::npos);
        CHECK(text.find("\x1b[31m") == std::string::npos);
    }
}

TEST_CASE("json: an object a line") {
    std::string text =
        printed(BuildPrinter::Form::Json, false,
                {event(Kind::Started, "RUN \xff"), event(Kind::Failed, "why")});
    auto first = nlohmann::json::parse(text.substr(0, text.find('\n')));
    CHECK(first.at("event") == "started");
    CHECK(first.at("step") == 3);
    auto second = nlohmann::json::parse(text.substr(text.find('\n') + 1));
    CHECK(second.at("seconds") == 1.5);
    CHECK(printed(BuildPrinter::Form::Quiet, true,
                  {event(Kind::Started, "RUN x"), event(Kind::Done)})
              .empty());
    CHECK_THROWS_AS(BuildPrinter::form_of("fancy", stderr), Error);
}

TEST_CASE("quiet: only what a step that failed has said") {
    auto form = BuildPrinter::Form::Quiet;
    CHECK(printed(form, true,
                  {event(Kind::Started, "RUN x"), event(Kind::Output, "fine\n"),
                   event(Kind::Done)})
              .empty());
    CHECK(printed(form, true,
                  {event(Kind::Started, "RUN x"),
                   event(Kind::Output, "no such file\nat all"),
                   event(Kind::Failed, "why")}) == "no such file\nat all\n");
}
