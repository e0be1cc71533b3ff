#include "06-engine/oci/verb.hpp"

#include <fcntl.h>

#include "common/error.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

// What Docker and podman look for in our last words, to tell "not found" (127)
// and "cannot be run" (126) from other failures. They are Go's words.
std::string for_callers(const Error& error) {
    if (error.exit_code() == exit_command_missing)
        return error.message() + ": executable file not found in $PATH";
    if (error.system_errno() == EACCES)
        return error.message() + ": permission denied";
    return error.message();
}

}  // namespace

std::function<int(const std::vector<std::string>&)> logged(
    const OciSettings& settings,
    std::function<int(const std::vector<std::string>& words)> body) {
    return [&settings, body = std::move(body)](auto& words) {
        try {
            return body(words);
        } catch (const Error& error) {
            write_log(settings, "error", for_callers(error));
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

std::function<void(const std::string&)> preserved_count(unsigned& count) {
    return [&count](const std::string& text) {
        auto parsed = parse_unsigned(text, 1000);
        if (!parsed)
            throw Error(ErrorKind::InvalidArgument,
                        cat("--preserve-fds ", quote(text)))
                .advise("how many descriptors from 3 on the command gets");
        count = static_cast<unsigned>(*parsed);
        // Nothing is open yet but what we were given: one that is missing would
        // become one of ours, which the command would get.
        for (unsigned i = 0; i < count; ++i)
            if (::fcntl(static_cast<int>(3 + i), F_GETFD) < 0)
                throw Error(ErrorKind::InvalidArgument,
                            cat("--preserve-fds ", count, ": descriptor ",
                                3 + i, " is not open"))
                    .advise("open as many, from 3 on, without a gap");
    };
}

}  // namespace slipway
