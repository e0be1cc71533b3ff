#include "common/environment.hpp"

#include <unistd.h>

#include <cstdlib>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

std::string environment_value(const std::vector<std::string>& environment,
                              std::string_view name) {
    for (const std::string& entry : environment) {
        std::string_view view = entry;
        if (view.starts_with(name) && view.substr(name.size()).starts_with('='))
            return entry.substr(name.size() + 1);
    }
    return {};
}

void set_environment(std::vector<std::string>& environment,
                     const std::string& assignment) {
    std::string name = assignment.substr(0, assignment.find('=') + 1);
    for (std::string& entry : environment) {
        if (entry.starts_with(name)) {
            entry = assignment;
            return;
        }
    }
    environment.push_back(assignment);
}

std::vector<std::string> own_environment() {
    std::vector<std::string> environment;
    for (char** each = environ; *each; ++each) environment.emplace_back(*each);
    return environment;
}

//@ begin environment
// The command starts with a clean environment, as in Docker: the caller's may
// hold secrets, and names such as LD_PRELOAD mean other files in there.
std::vector<std::string> clean_environment() {
    std::vector<std::string> environment = {cat("PATH=", default_path),
                                            "HOME=/"};
    if (const char* terminal = std::getenv("TERM"))
        environment.push_back(cat("TERM=", terminal));
    return environment;
}

void add_environment(std::vector<std::string>& environment,
                     const std::string& text) {
    std::string name = text.substr(0, text.find('='));
    if (name.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat("--env ", quote(text), ": the name is empty"))
            .advise("write NAME=VALUE, or NAME to pass your own value on");
    if (name.size() < text.size())
        set_environment(environment, text);
    else if (const char* value = std::getenv(name.c_str()))
        set_environment(environment, cat(name, "=", value));
}
//@ end environment

}  // namespace slipway
