// The verbs of slipway-oci, with the options that runc's callers pass.
#pragma once

#include <string>

#include "06-engine/runtime/create.hpp"
#include "common/program.hpp"

namespace slipway {

/// What stands before the verb.
struct OciSettings {
    std::string root;  ///< empty: default_root()
    std::string log, log_format = "text";
    bool debug = false, systemd_cgroup = false;

    std::string default_root() const;
    RuntimeContext context() const;
};
void declare_oci_settings(CommandLine& line, OciSettings& settings);

/// A warning or an error, for whoever started us: a line in the --log file, in
/// the form that runc writes, and nothing without one.
void write_log(const OciSettings& settings, const char* level,
               const std::string& message);

// Each keeps a reference to the settings. argv is our own, for
// become_unwritable().
Verb create_verb(OciSettings& settings, char** argv);
Verb run_verb(OciSettings& settings, char** argv);
Verb exec_verb(OciSettings& settings, char** argv);
Verb start_verb(OciSettings& settings);
Verb state_verb(OciSettings& settings);
Verb kill_verb(OciSettings& settings);
Verb delete_verb(OciSettings& settings);
Verb list_verb(OciSettings& settings);
Verb ps_verb(OciSettings& settings);
Verb pause_verb(OciSettings& settings);
Verb resume_verb(OciSettings& settings);
Verb update_verb(OciSettings& settings);
Verb events_verb(OciSettings& settings);
Verb features_verb();
Verb spec_verb();

}  // namespace slipway
