// exec: become another program, and say well why that did not work.
#pragma once

#include <string>
#include <vector>

#include "common/error.hpp"

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

/// The file that `name` means: itself when it holds a slash, else the first
/// executable file of that name along the environment's PATH. Throws NotFound
/// with exit status 127, and names the nearest command; Forbidden with 126
/// when the only file found is not executable.
std::string find_program(const std::string& name,
                         const std::vector<std::string>& environment);

/// Becomes `arguments[0]`, found as find_program() says. Returns only by
/// throwing: exit status 127 when something is missing (the command, its
/// dynamic loader, the interpreter of its #! line: the message says which),
/// 126 when it is there and cannot be run.
[[noreturn]] void exec_program(const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment);

/// Why execve(`path`) failed with `error`, looked up in the files themselves.
Error explain_exec_failure(const std::string& path, int error);

}  // namespace slipway
