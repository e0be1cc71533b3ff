// Executor: whoever runs the command of a RUN.
//
// The builder knows only this. step5-build's way is a process of its own for
// each command (run_main.cpp), with steps 1 to 4; the engine has another one.
#pragma once

#include <atomic>
#include <functional>
#include <string_view>

#include "05-build/exec_request.hpp"
#include "common/exit_status.hpp"

namespace slipway {

struct ExecSession {
    /// Both outputs of the command, as they come.
    std::function<void(std::string_view bytes)> output;
    int input = -1;  ///< its standard input, borrowed; -1: /dev/null
    /// Somebody gave up: the command is to be killed. See Cancel.
    int cancelled_fd = -1;
};

/// Runs the command and returns how it ended. Throws what went wrong before.
using Executor =
    std::function<ExitStatus(const ExecRequest&, const ExecSession&)>;

/// An Executor that starts `program` (step5-run) for each command. It may be
/// called from several threads at once.
Executor process_executor(std::string program);

}  // namespace slipway
