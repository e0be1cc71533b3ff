// Environments: lists of "NAME=value" texts, as execve(2) takes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// What a process gets that knows nothing of its user: Docker's PATH.
constexpr char default_path[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The value of `name` in an environment of "NAME=value" texts, or "".
std::string environment_value(const std::vector<std::string>& environment,
                              std::string_view name);
/// Adds "NAME=value", in place of an earlier one of that name.
void set_environment(std::vector<std::string>& environment,
                     const std::string& assignment);

/// Our own, for a program that is to have the same.
std::vector<std::string> own_environment();
/// What a confined command starts with: PATH, HOME and, if we have it, TERM.
std::vector<std::string> clean_environment();
/// What --env says: "NAME=value", or "NAME" to pass our own value on (nothing
/// when we have none). Throws InvalidArgument for an empty name.
void add_environment(std::vector<std::string>& environment,
                     const std::string& text);

}  // namespace slipway
