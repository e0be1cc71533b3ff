// exec: become another program, and say well why that did not work.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/environment.hpp"
#include "common/error.hpp"

namespace slipway {

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

/// The same for a file that was found before.
[[noreturn]] void exec_file(const std::string& path,
                            const std::vector<std::string>& arguments,
                            const std::vector<std::string>& environment);

/// Where the file of this program is.
std::string own_path();
/// The path of a program in the folder of this one.
std::string program_beside(std::string_view name);
/// Becomes it, with these arguments and our environment. Returns only by
/// throwing.
[[noreturn]] void become_beside(std::string_view name, char** argv);

/// Why execve(`path`) failed with `error`, looked up in the files themselves.
Error explain_exec_failure(const std::string& path, int error);

}  // namespace slipway
