// The command line of `create` and `run`: Docker's, all of it that Slipway
// does; what it does not do is refused with a reason.
//
//     CreateCommandLine options;
//     declare_create_options(line, options);   // before parsing
//     declare_run_options(line, options);      // run only
//     finish_create_options(line, options, words);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "06-engine/engine/create_request.hpp"
#include "common/program.hpp"

namespace slipway {

/// Of `run` alone.
struct RunOnly {
    bool detach = false;
    bool sig_proxy = true;
    /// As typed, for parse_detach_keys(); empty: Docker's ctrl-p,ctrl-q.
    std::string detach_keys = {};
};

struct CreateCommandLine {
    CreateRequest request;
    RunOnly run;
    bool quiet = false;    ///< -q: no progress of a pull
    std::string cid_file;  ///< is not there yet
    /// To be printed as they are, on stderr.
    std::vector<std::string> warnings = {};
    /// When the command begins with an option of ours: the line that was
    /// probably meant. See check_command().
    std::string corrected = {};

    // As typed; finish_create_options() puts them where they belong.
    std::vector<std::string> env = {}, env_files = {};
    std::vector<std::string> labels = {}, label_files = {};
    NetworkRequest first_network = {};  ///< --network-alias, --ip, …
    bool no_healthcheck = false;
};

void declare_create_options(CommandLine& line, CreateCommandLine& options);
void declare_run_options(CommandLine& line, CreateCommandLine& options);

/// `words`: IMAGE [COMMAND [ARG...]]. Throws InvalidArgument for options that
/// contradict each other, and when there is no IMAGE.
void finish_create_options(const CommandLine& line, CreateCommandLine& options,
                           const std::vector<std::string>& words);

/// When the image is known: throws InvalidArgument for a command that can only
/// be an option behind the image ("run nginx -p 80:80"), with the line that was
/// meant. An image with an entrypoint may have options of its own.
void check_command(const CreateCommandLine& options, const RunConfig& image);

// Its parts, by subject.
void declare_process_options(CommandLine& line, CreateCommandLine& options);
void declare_identity_options(CommandLine& line, CreateCommandLine& options);
void declare_network_options(CommandLine& line, CreateCommandLine& options);
void declare_storage_options(CommandLine& line, CreateCommandLine& options);
void declare_security_options(CommandLine& line, CreateCommandLine& options);
void declare_limits(CommandLine& line, CreateCommandLine& options);

}  // namespace slipway
