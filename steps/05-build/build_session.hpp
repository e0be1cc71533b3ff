// What all stages of a build share.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "04-images/store_lock.hpp"
#include "05-build/build_plan.hpp"
#include "05-build/context.hpp"
#include "05-build/dockerfile.hpp"
#include "05-build/new_layer.hpp"
#include "05-build/stage_graph.hpp"
#include "05-build/stage_state.hpp"
#include "05-build/stat_index.hpp"
#include "05-build/step_cache.hpp"
#include "05-build/work_folder.hpp"

namespace slipway {

struct BuildSession {
    ImageStore& store;
    const StoreLease& lease;
    const BuildPlan& plan;
    const Dockerfile& dockerfile;
    BuildContext& context;
    ArgValues args;
    WorkFolder work;
    StepCache cache;
    std::string identity;  ///< of the Dockerfile, for stage records
    StageGraphInput graph_input;
    StageGraph graph;
    /// Waits for a stage that the asking one needs. Throws Cancelled if it
    /// failed, InvalidArgument if it will never be built: ONBUILD of a base
    /// image may name any stage, and the graph is made without it.
    std::function<const StageState&(std::size_t asking, std::size_t stage)>
        stage_state = {};
    std::atomic<std::size_t> folders = 0;  ///< numbers of work folders
    std::mutex mutex = {};
    std::vector<std::string> cache_keys =
        {};                          ///< of all steps; under the mutex
    std::atomic<bool> stop = false;  ///< another stage has failed
    /// An eventfd: whoever writes to it ends the build.
    int cancelled_fd = -1;

    bool is_cancelled() const;

    NewLayerPlan layer_plan() const {
        return {lease, store, plan.compression, plan.source_date_epoch};
    }
    /// A new folder of the work folder.
    std::string make_folder() { return work.make(cat(++folders)); }
};

/// A stage that is being built, and where it stands.
struct StageWork {
    BuildSession& session;
    const Stage& stage;
    std::size_t index;
    std::string name;  ///< for people: its name, or "stage-2"
    StageState state;
    std::vector<StepRecord> records;  ///< of this build
    std::vector<StepRecord> before;   ///< of the last one
    bool any_missed = false;
    std::size_t first_step = 0;  ///< of the build
    std::size_t number = 0;      ///< of the instruction at hand, from 1
    bool no_cache = false;

    void tell(BuildEvent::Kind kind, std::string text = {},
              double seconds = 0) const;
};

/// Looks a step up. On a miss says why. `details`: what to say instead of the
/// key's inputs, where these are digests of many things; asked for only if
/// somebody will want to know.
std::optional<CachedStep> find_step(
    StageWork& work, const std::string& text, const StepKey& key,
    const std::function<std::vector<StepInput>()>& details = {});

void run_step(StageWork& work, const Instruction& instruction, const Run& run);
void copy_step(StageWork& work, const Instruction& instruction,
               const Copy& copy);
void workdir_step(StageWork& work, const Instruction& instruction,
                  const Workdir& workdir);

/// The state that an image begins with: FROM an image, COPY --from=IMAGE. It
/// is pulled if it is not here.
StageState image_state(BuildSession& session, const std::string& name,
                       const Platform& platform);

/// The image that a named context stands for ("docker-image://NAME"); nothing
/// when it is a folder.
std::optional<std::string> image_of_context(const BuildPlan& plan,
                                            const std::string& context);

/// What a stage begins with: nothing, another stage, an image.
StageState base_state(BuildSession& session, std::size_t stage);

/// Builds a stage from its base on.
StageState build_stage(BuildSession& session, std::size_t index,
                       std::size_t first_step);

}  // namespace slipway
