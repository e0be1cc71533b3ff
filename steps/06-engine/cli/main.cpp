// slipway: the engine's command line, which is Docker's.
#include "06-engine/cli/verbs.hpp"
#include "common/program.hpp"

using namespace slipway;

int main(int argc, char** argv) {
    EngineSettings settings;
    CommandLine line("slipway", "[OPTION...] COMMAND ...",
                     "Containers, without a daemon.");
    declare_engine_settings(line, settings);
    return run_verbs(
        line, argc, argv,
        {run_container_verb(settings, argv), create_container_verb(settings),
         start_container_verb(settings, argv), stop_container_verb(settings),
         restart_container_verb(settings, argv), kill_container_verb(settings),
         remove_container_verb(settings), exec_container_verb(settings, argv),
         wait_container_verb(settings), pause_container_verb(settings),
         unpause_container_verb(settings), rename_container_verb(settings),
         internal_verb(settings, argv)});
}
