// slipway: the engine's command line, which is Docker's.
#include <utility>
#include <vector>

#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/cli/nouns.hpp"
#include "06-engine/cli/verbs.hpp"
#include "common/program.hpp"

using namespace slipway;

int main(int argc, char** argv) {
    EngineSettings settings;
    CommandLine line("slipway", "[OPTION...] COMMAND ...",
                     "Containers, without a daemon.");
    declare_engine_settings(line, settings);
    std::vector<Verb> verbs = {run_container_verb(settings, argv),
                               create_container_verb(settings),
                               start_container_verb(settings, argv),
                               stop_container_verb(settings),
                               restart_container_verb(settings, argv),
                               kill_container_verb(settings),
                               remove_container_verb(settings),
                               exec_container_verb(settings, argv),
                               wait_container_verb(settings),
                               pause_container_verb(settings),
                               unpause_container_verb(settings),
                               rename_container_verb(settings),
                               internal_verb(settings, argv)};
    for (Verb& verb : look_verbs(settings)) verbs.push_back(std::move(verb));
    return run_noun_verbs(line, argc, argv, verbs);
}
