#include "06-engine/oci/verb.hpp"

#include "common/error.hpp"

namespace slipway {

std::function<int(const std::vector<std::string>&)> logged(
    const OciSettings& settings,
    std::function<int(const std::vector<std::string>& words)> body) {
    return [&settings, body = std::move(body)](auto& words) {
        try {
            return body(words);
        } catch (const Error& error) {
            write_log(settings, "error", error.message());
            throw Error(error).exit_with(1);
        }
    };
}

const std::vector<std::string>& expect_words(
    const std::vector<std::string>& words, std::size_t least, std::size_t most,
    const char* usage) {
    if (words.size() < least || words.size() > most)
        throw Error(ErrorKind::InvalidArgument,
                    words.size() < least
                        ? "a word is missing"
                        : cat("one word too many: ", quote(words.back())))
            .advise(cat("usage: slipway-oci ", usage));
    return words;
}

}  // namespace slipway
