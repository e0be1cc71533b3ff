// step4-transfer: the verbs of step4-images that need the network, or read and
// write archives. step4-images starts it; nobody needs to know that it is
// there.
#include "04-images/verbs.hpp"
#include "common/program.hpp"

using namespace slipway;

int main(int argc, char** argv) {
    Settings settings;
    CommandLine line("step4-images", "[--root DIR] COMMAND ...",
                     "The part of step4-images for registries and archives.");
    declare_settings(line, settings);
    return run_verbs(
        line, argc, argv,
        {pull_verb(settings), push_verb(settings), save_verb(settings),
         load_verb(settings), import_verb(settings), export_verb(settings),
         diff_verb(settings), commit_verb(settings), login_verb(),
         logout_verb()});
}
