// What a stage begins with.
#include "04-images/layer_snapshot.hpp"
#include "04-images/pull.hpp"
#include "04-images/reference.hpp"
#include "05-build/build_session.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool fits(const StoredImage& image, const Platform& platform) {
    return platform_rank(platform, image.config.platform).has_value();
}

std::optional<StoredImage> image_here(BuildSession& session,
                                      const std::string& name,
                                      const Platform& platform) {
    if (session.plan.pull) return {};
    try {
        StoredImage image =
            find_stored_image(session.store.content, name, platform);
        if (fits(image, platform)) return image;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
    }
    return {};
}

StoredImage pulled(BuildSession& session, const std::string& name,
                   const Platform& platform) {
    PullPlan plan;
    plan.platform = platform;
    plan.registry = session.plan.registry;
    plan.unpack = unpack_options(session.store);
    Reference reference = parse_reference(name);
    return with_context(cat("pull ", reference.familiar()), [&] {
        Pulled done = pull_image(session.store, reference, plan);
        StoredImage image =
            read_image(session.store.content, done.image, platform);
        if (fits(image, platform)) return image;
        throw Error(ErrorKind::NotFound,
                    cat("it is made for ", image.config.platform.text(),
                        ", not for ", platform.text()));
    });
}

StageState empty_state(const BuildSession& session) {
    StageState state;
    state.config.platform = session.plan.platform;
    state.config.config.env = {cat("PATH=", default_path)};
    state.config.config.working_dir = "/";
    return state;
}

const NeededStage& needed(const BuildSession& session, std::size_t stage) {
    for (const NeededStage& each : session.graph.stages)
        if (each.index == stage) return each;
    throw Error(ErrorKind::System, cat("stage ", stage, " is not built"));
}

}  // namespace

std::optional<std::string> image_of_context(const BuildPlan& plan,
                                            const std::string& context) {
    constexpr std::string_view image = "docker-image://";
    const std::string& value = plan.contexts.at(context);
    if (!value.starts_with(image)) return {};
    return value.substr(image.size());
}

StageState image_state(BuildSession& session, const std::string& name,
                       const Platform& platform) {
    auto here = image_here(session, name, platform);
    StoredImage image = here ? *here : pulled(session, name, platform);
    StageState state;
    state.layers = image.layers();
    restore_snapshots(session.store, state.layers);
    state.config = image.config;
    state.time = image.config.created;
    return state;
}

StageState base_state(BuildSession& session, std::size_t stage) {
    const NeededStage& from = needed(session, stage);
    using Kind = StageSource::Kind;
    if (from.base.kind == Kind::Scratch) return empty_state(session);
    if (from.base.kind == Kind::Stage) {
        StageState state = session.stage_state(stage, from.base.stage);
        state.has_own_cmd = false;
        return state;
    }
    Platform platform = from.platform.empty() ? session.plan.platform
                                              : parse_platform(from.platform);
    std::string name = from.base.name;
    if (from.base.kind == Kind::Context) {
        auto image = image_of_context(session.plan, name);
        if (!image)
            throw Error(ErrorKind::InvalidArgument,
                        cat("FROM ", from.base.name,
                            ": this context is a folder, no image"))
                .advise("write docker-image://NAME for --build-context");
        name = *image;
    }
    return image_state(session, name, platform);
}

}  // namespace slipway
