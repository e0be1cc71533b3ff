// step4-transfer: the verbs of step4-images that need the network, or read and
// write archives. step4-images starts it; nobody needs to know that it is
// there.
#include <utility>

#include "04-images/rootless.hpp"
#include "04-images/verbs.hpp"
#include "common/program.hpp"

using namespace slipway;

int main(int argc, char** argv) {
    Settings settings;
    CommandLine line("step4-images", "[--root DIR] COMMAND ...",
                     "The part of step4-images for registries and archives.");
    declare_settings(line, settings);
    auto here = [&](Verb verb) { return rootless(std::move(verb), argv); };
    return run_verbs(
        line, argc, argv,
        {here(pull_verb(settings)), here(push_verb(settings)),
         here(save_verb(settings)), here(load_verb(settings)),
         here(import_verb(settings)), here(export_verb(settings)),
         here(diff_verb(settings)), here(commit_verb(settings)),
         here(unpack_verb(settings)), login_verb(), logout_verb()});
}
