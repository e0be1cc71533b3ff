// slipway-oci: a low-level runtime, as runc and crun are. Docker, containerd
// and podman run their containers with it.
#include "06-engine/oci/verbs.hpp"
#include "common/program.hpp"

using namespace slipway;

int main(int argc, char** argv) {
    OciSettings settings;
    CommandLine line("slipway-oci", "[OPTION...] COMMAND ...",
                     "Run containers from bundles: config.json and a root "
                     "filesystem.");
    declare_oci_settings(line, settings);
    return run_verbs(
        line, argc, argv,
        {create_verb(settings, argv), start_verb(settings),
         run_verb(settings, argv), exec_verb(settings, argv),
         state_verb(settings), kill_verb(settings), delete_verb(settings),
         list_verb(settings), ps_verb(settings), pause_verb(settings),
         resume_verb(settings), update_verb(settings), events_verb(settings),
         features_verb(), spec_verb()});
}
