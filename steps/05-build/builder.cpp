#include "05-build/builder.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <exception>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "04-images/layer_writer.hpp"
#include "05-build/build_session.hpp"
#include "05-build/global_args.hpp"
#include "05-build/letters.hpp"
#include "common/error.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

using Promised = std::shared_future<StageState>;

/// The needed stages, each on a thread of its own, which waits for those that
/// it needs.
class StageThreads {
  public:
    explicit StageThreads(BuildSession& session) : session_(session) {
        session.stage_state = [this](std::size_t asking,
                                     std::size_t stage) -> const StageState& {
            return wait_for(asking, stage);
        };
    }
    StageThreads(const StageThreads&) = delete;
    StageThreads& operator=(const StageThreads&) = delete;
    ~StageThreads() {
        for (std::thread& thread : threads_)
            if (thread.joinable()) thread.join();
    }

    //@ begin stage-threads
    StageState run() {
        std::vector<std::promise<StageState>> promises(
            session_.dockerfile.stages.size());
        for (auto& promise : promises)
            promised_.push_back(promise.get_future().share());
        std::size_t step = 0;
        for (const NeededStage& stage : session_.graph.stages) {
            threads_.emplace_back([this, &promises, step, index = stage.index] {
                build(promises[index], index, step);
            });
            step +=
                session_.dockerfile.stages[stage.index].instructions.size() + 1;
        }
        for (std::thread& thread : threads_) thread.join();
        if (failure_) std::rethrow_exception(failure_);
        return promised_[session_.graph.target].get();
    }
    //@ end stage-threads

  private:
    void build(std::promise<StageState>& promise, std::size_t index,
               std::size_t first_step) {
        try {
            promise.set_value(build_stage(session_, index, first_step));
        } catch (...) {
            fail(std::current_exception());
            promise.set_exception(std::current_exception());
        }
    }

    // The first failure is the one that is told. The others stop.
    void fail(std::exception_ptr why) {
        std::lock_guard guard(mutex_);
        if (!failure_) failure_ = std::move(why);
        session_.stop = true;
        ::eventfd_write(session_.cancelled_fd, 1);
    }

    std::string title(std::size_t stage) const {
        return stage_title(session_.dockerfile, stage);
    }

    void begin_wait(std::size_t asking, std::size_t stage) {
        const auto& built = session_.graph.stages;
        if (std::none_of(built.begin(), built.end(),
                         [&](auto& each) { return each.index == stage; }))
            throw Error(ErrorKind::InvalidArgument,
                        cat(title(stage),
                            " is not built: the Dockerfile itself does not "
                            "need it for this target"))
                .advise(cat("write COPY --from=", title(stage),
                            " or RUN --mount=from=", title(stage),
                            " into a stage that the target needs"));
        std::lock_guard guard(mutex_);
        waits_[asking] = stage;
        for (auto at = waits_.find(stage); at != waits_.end();
             at = waits_.find(at->second))
            if (at->second == asking)
                throw Error(
                    ErrorKind::InvalidArgument,
                    cat("the stages go round in a circle: ", title(asking),
                        " and ", title(stage), " need each other"));
    }

    const StageState& wait_for(std::size_t asking, std::size_t stage) {
        begin_wait(asking, stage);
        const Promised& promised = promised_.at(stage);
        promised.wait();
        {
            std::lock_guard guard(mutex_);
            waits_.erase(asking);
        }
        try {
            return promised.get();
        } catch (const Error&) {
            throw Error(ErrorKind::Cancelled, "a stage that it needs failed");
        }
    }

    BuildSession& session_;
    std::vector<Promised> promised_;
    std::mutex mutex_;
    std::map<std::size_t, std::size_t> waits_;  // which stage for which
    std::exception_ptr failure_;
    std::vector<std::thread> threads_;
};

// SOURCE_DATE_EPOCH is the image's date, and nothing in it is later: not what
// the base says of itself either. As BuildKit.
void clamp_times(ImageConfig& config, const BuildPlan& plan) {
    if (!plan.source_date_epoch) return;
    config.created = format_time(*plan.source_date_epoch);
    for (HistoryEntry& entry : config.history)
        entry.created = std::min(entry.created, config.created);
}

ImageConfig final_config(const StageState& state, const BuildPlan& plan) {
    ImageConfig config = state.config;
    config.created =
        state.time.empty() ? format_time(plan.created) : state.time;
    for (HistoryEntry& entry : config.history)
        if (entry.created.empty()) entry.created = config.created;
    clamp_times(config, plan);
    config.diff_ids = diff_ids_of(state.layers);
    for (const auto& [name, value] : plan.labels)
        config.config.labels[name] = value;
    return config;
}

//@ begin put-image
BuiltImage put_image(BuildSession& session, const StageState& state,
                     const std::vector<std::string>& names) {
    ImageConfig config = final_config(state, session.plan);
    NamedImage image = put_new_image(session.lease, "", config, state.layers);
    Digest id = Digest::parse(image.name);
    // What the names mean must be on the disk before they mean it.
    session.cache.make_durable();
    std::vector<NamedImage> named;
    if (names.empty()) named.push_back(image);
    for (const std::string& name : names) {
        image.name = name;
        named.push_back(image);
    }
    set_images(session.lease, named);
    return {named[0], id, std::move(config), state.layers, session.cache_keys};
}
//@ end put-image

std::set<std::string> names_of(const std::map<std::string, std::string>& map) {
    std::set<std::string> names;
    for (const auto& [name, value] : map) names.insert(name);
    return names;
}

}  // namespace

bool BuildSession::is_cancelled() const {
    pollfd ready{cancelled_fd, POLLIN, 0};
    return stop || ::poll(&ready, 1, 0) > 0;
}

BuiltImage build_image(ImageStore& store, const Dockerfile& dockerfile,
                       BuildContext& context, const BuildPlan& plan,
                       const std::vector<std::string>& names) {
    remove_work_leftovers(store.root);
    StoreLease lease = hold_store(store.content);
    GlobalArgs globals = global_args(
        dockerfile, plan.args, platform_args(host_platform(), plan.platform));
    UniqueFd cancel(
        plan.cancelled_fd < 0
            ? check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")
            : -1);
    StageGraphInput input{dockerfile, plan.target,
                          [&](const auto& name) { return globals.find(name); },
                          names_of(plan.contexts)};
    BuildSession session{store,
                         lease,
                         plan,
                         dockerfile,
                         context,
                         {plan.args, globals.values},
                         WorkFolder(store.root),
                         StepCache(store),
                         cat(context.folder, "\n", context.dockerfile_name),
                         input,
                         stage_graph(input)};
    session.cancelled_fd = cancel ? cancel.get() : plan.cancelled_fd;
    // What was made is there for the next try, too.
    ScopeGuard keep([&] {
        try {
            session.cache.make_durable();
        } catch (const std::exception&) {
            // It is made again.
        }
    });
    StageState state = StageThreads(session).run();
    return put_image(session, state, names);
}

std::vector<std::string> unused_args(const Dockerfile& dockerfile,
                                     const BuildPlan& plan) {
    std::set<std::string> declared;
    auto add = [&](const Instruction& instruction) {
        if (auto arg = std::get_if<Arg>(&instruction.body))
            for (const ArgDefault& each : arg->values)
                declared.insert(each.name);
    };
    for (const Instruction& each : dockerfile.global_args) add(each);
    for (const Stage& stage : dockerfile.stages)
        for (const Instruction& each : stage.instructions) add(each);
    std::vector<std::string> unused;
    for (const auto& [name, value] : plan.args) {
        if (!declared.contains(name) && !to_lower(name).ends_with("_proxy") &&
            !name.starts_with("BUILDKIT_") && name != "SOURCE_DATE_EPOCH")
            unused.push_back(name);
    }
    return unused;
}

}  // namespace slipway
