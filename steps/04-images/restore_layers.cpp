#include "04-images/restore_layers.hpp"

#include <unistd.h>

#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/spawn.hpp"
#include "common/text.hpp"

namespace slipway {

//@ begin restore-layers
void restore_layers(const ImageStore& store, const std::vector<Digest>& layers,
                    const Digest& manifest, const std::string& program) {
    if (store.snapshots.has_all(layers)) return;
    SpawnPlan plan;
    plan.program = program_beside(program);
    plan.arguments = {program, "--root", store.root, "unpack", manifest.text()};
    plan.files = {{STDERR_FILENO, STDOUT_FILENO}};
    if (!spawn(std::move(plan)).wait().ok())
        throw Error(ErrorKind::DataLoss,
                    cat("the layers of image ", manifest.text(),
                        " could not be unpacked again"))
            .advise("pull or load the image again");
}
//@ end restore-layers

}  // namespace slipway
