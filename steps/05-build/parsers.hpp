// One function for each instruction: from its text to its type. Each reads all
// that is left, and throws input_error() for what it does not understand.
#pragma once

#include "05-build/instruction_text.hpp"

namespace slipway {

// parse_from.cpp
From parse_from(InstructionText& text);

// parse_run.cpp
Run parse_run(InstructionText& text);
Cmd parse_cmd(InstructionText& text);
Entrypoint parse_entrypoint(InstructionText& text);
Shell parse_shell(InstructionText& text);
HealthcheckInstruction parse_healthcheck(InstructionText& text);

// parse_copy.cpp
Copy parse_copy(InstructionText& text);
Copy parse_add(InstructionText& text);

// parse_variables.cpp
Env parse_env(InstructionText& text);
Label parse_label(InstructionText& text);
Arg parse_arg(InstructionText& text);

// parse_metadata.cpp
Expose parse_expose(InstructionText& text);
UserInstruction parse_user(InstructionText& text);
Workdir parse_workdir(InstructionText& text);
Volume parse_volume(InstructionText& text);
StopSignal parse_stop_signal(InstructionText& text);
Maintainer parse_maintainer(InstructionText& text);

// parse_instruction.cpp
OnBuild parse_on_build(InstructionText& text);

/// The instruction whose verb begins at `begin` of the line's text.
Instruction parse_line(const Source& source, const LogicalLine& line,
                       char escape, std::size_t begin = 0);

}  // namespace slipway
