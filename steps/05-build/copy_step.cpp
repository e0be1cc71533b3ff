// COPY, ADD and WORKDIR: files from elsewhere become a layer.
#include <sys/stat.h>

#include <algorithm>
#include <tuple>

#include "05-build/build_session.hpp"
#include "05-build/copy_owner.hpp"
#include "05-build/copy_plan.hpp"
#include "05-build/download.hpp"
#include "05-build/plan_memo.hpp"
#include "05-build/plan_tree.hpp"
#include "05-build/root_view.hpp"
#include "05-build/source_trees.hpp"
#include "common/error.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

/// What a request refers to, kept as long as its plan.
struct CopySources {
    CopyRequest request;
    FromTree from;
    UniqueFd parent;
    std::vector<std::shared_ptr<SourceTree>> checkouts;
};

std::string heredoc_text(const StageState& state, const Heredoc& heredoc) {
    if (!heredoc.expands) return heredoc.text;
    WordOptions options;
    options.escape = state.escape;
    options.keep_quotes = true;
    options.lookup = [&](const std::string& name) {
        return variable(state, name);
    };
    return expand_word(heredoc.text, options);
}

GitAccess access_of(const BuildPlan& plan) {
    auto agent = plan.ssh.find("default");
    return {.agent = agent == plan.ssh.end() ? "" : agent->second};
}

// A checksum that nobody looks at must not pass for one that was right.
std::string checksum_of(const StageState& state, const Copy& copy) {
    std::string checksum = expanded(state, copy.checksum);
    if (checksum.empty() && !copy.checksum.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat("--checksum=", quote(copy.checksum),
                        " is empty once its variables are replaced"));
    auto is_fetched = [&](const Word& word) {
        std::string source = expanded(state, word.text);
        return parse_git_url(source) || is_download_url(source);
    };
    if (!checksum.empty() &&
        !(copy.heredocs.empty() &&
          std::all_of(copy.sources.begin(), copy.sources.end(), is_fetched)))
        throw Error(ErrorKind::InvalidArgument,
                    "--checksum is for a URL or a repository, not for files of "
                    "the context");
    return checksum;
}

void add_source(StageWork& work, const Copy& copy, const std::string& source,
                const std::string& checksum, CopySources& sources) {
    BuildSession& session = work.session;
    if (copy.is_add && parse_git_url(source)) {
        std::string folder = session.make_folder();
        GitCheckout checkout =
            clone_git(*parse_git_url(source), folder, access_of(session.plan),
                      copy.keep_git_dir);
        check_commit(checkout.commit, checksum);
        sources.checkouts.push_back(
            std::make_shared<SourceTree>(std::move(checkout.tree)));
        sources.request.checkouts.push_back(sources.checkouts.back().get());
    } else if (copy.is_add && is_download_url(source)) {
        sources.request.downloads.push_back(download(source, checksum,
                                                     session.plan.registry.http,
                                                     session.make_folder()));
    } else {
        sources.request.sources.push_back(source);
    }
}

//@ begin copy-request
CopySources sources_of(StageWork& work, const Copy& copy) {
    const StageState& state = work.state;
    CopySources sources;
    CopyRequest& request = sources.request;
    std::string checksum = checksum_of(state, copy);
    for (const Word& word : copy.sources)
        add_source(work, copy, expanded(state, word.text), checksum, sources);
    for (const Heredoc& heredoc : copy.heredocs)
        request.heredocs.push_back(
            {heredoc.word, heredoc_text(state, heredoc)});
    sources.from = open_from(work, expanded(state, copy.from));
    request.source = sources.from.tree.get();
    request.destination =
        copy_destination(state.config.config.working_dir,
                         expanded(state, copy.destination.text));
    request.chown = expanded(state, copy.chown);
    request.chmod = expanded(state, copy.chmod);
    request.link = copy.link;
    request.parents = copy.parents;
    for (const std::string& pattern : copy.exclude)
        request.exclude.push_back(expanded(state, pattern));
    request.is_add = copy.is_add;
    request.unpack = copy.unpack;
    sources.parent = open_root(work.session.store, state.layers);
    request.parent_root = sources.parent.get();
    request.source_date_epoch = work.session.plan.source_date_epoch;
    request.scratch = work.session.work.path();
    request.threads = work.session.plan.threads;
    return sources;
}
//@ end copy-request

//@ begin plan-key
// The layer is made of the plan and nothing else. So the key says what will
// be in the layer, not what stands above it: a COPY whose files are the
// same is found again whatever has changed before it.
StepKey plan_key(const BuildPlan& build, const Digest& plan) {
    StepKey key;
    if (build.source_date_epoch)
        key.inputs.push_back(
            {"SOURCE_DATE_EPOCH", cat(*build.source_date_epoch)});
    key.inputs.push_back({"the layer", plan.text()});
    return key;
}
//@ end plan-key

// For people: which file it was.
std::vector<StepInput> entries_of(const LayerPlan& plan) {
    std::vector<StepInput> inputs;
    for (const PlanEntry& entry : plan.entries) {
        LayerPlan alone;
        alone.entries.push_back(entry);
        inputs.push_back(
            {(S_ISDIR(entry.mode) ? "folder /" : "file /") + entry.name,
             digest_of(alone).text()});
    }
    return inputs;
}

// The layer, unless --no-cache hides one of the same bytes: then its tar is
// made and hashed, and nothing is written that is there.
ImageLayer make_layer(StageWork& work, const LayerPlan& plan,
                      const std::optional<CachedStep>& hidden) {
    auto write = [&](const ByteSink& tar) { write_layer(plan, tar); };
    if (hidden && hidden->layer) {
        Sha256 hash;
        write([&](std::string_view bytes) { hash.add(bytes); });
        if (hash.finish() == hidden->layer->diff_id) return *hidden->layer;
    }
    return layer_from_tar(work.session.layer_plan(), work.session.make_folder(),
                          write);
}

/// A plan that is made when it is needed. Mostly it is not: its digest is
/// known.
class LazyPlan {
  public:
    LazyPlan(std::function<LayerPlan()> make, std::optional<Digest> recalled)
        : make_(std::move(make)), digest_(std::move(recalled)) {}

    const LayerPlan& plan() {
        if (plan_) return *plan_;
        plan_ = make_();
        digest_ = digest_of(*plan_);
        return *plan_;
    }
    /// Of the plan; until that is made, the one that was recalled.
    const Digest& digest() {
        if (!digest_) plan();
        return *digest_;
    }
    bool is_made() const { return plan_.has_value(); }

  private:
    std::function<LayerPlan()> make_;
    std::optional<Digest> digest_;
    std::optional<LayerPlan> plan_;
};

// From the cache, or made.
void add_layer(StageWork& work, const Instruction& instruction, LazyPlan& plan,
               const std::string& said) {
    const BuildPlan& build = work.session.plan;
    auto step =
        find_step(work, instruction.text, plan_key(build, plan.digest()),
                  [&] { return entries_of(plan.plan()); });
    if (step) {
        work.tell(BuildEvent::Kind::Cached);
    } else {
        StepCache& cache = work.session.cache;
        const LayerPlan& layer = plan.plan();
        Digest key = plan_key(build, plan.digest()).digest();
        step = CachedStep{make_layer(work, layer, cache.find(key)),
                          format_time(build.created)};
        cache.keep(key, *step, instruction.text);
    }
    work.state.layers.push_back(*step->layer);
    add_history(work.state, said, false, step->created);
}

}  // namespace

//@ begin copy-step
void copy_step(StageWork& work, const Instruction& instruction,
               const Copy& copy) {
    CopySources sources = sources_of(work, copy);
    const CopyRequest& request = sources.request;
    PlanMemo memo = recall_plan(work.session.store.root, request, sources.from,
                                work.state.layers);
    LazyPlan plan([&] { return plan_copy(request); }, memo.digest);
    plan.digest();  // what is wrong with the sources is said before all else
    std::string said = copy.is_add ? "ADD" : "COPY";
    for (const Word& word : copy.sources)
        said += " " + expanded(work.state, word.text);
    for (const Heredoc& heredoc : copy.heredocs) said += " <<" + heredoc.word;
    said += " " + expanded(work.state, copy.destination.text);
    add_layer(work, instruction, plan, said);
    if (plan.is_made()) remember_plan(memo, plan.digest());
}
//@ end copy-step

//@ begin workdir-step
// The folder is made now, so that it is in the image whoever uses it.
void workdir_step(StageWork& work, const Instruction& instruction,
                  const Workdir& workdir) {
    RunConfig& config = work.state.config.config;
    std::string path = copy_destination(
        config.working_dir, expanded(work.state, workdir.path.text));
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    config.working_dir = path;
    std::string said = "WORKDIR " + path;
    UniqueFd root = open_root(work.session.store, work.state.layers);
    if (resolve_in(root.get(), path).exists)
        return add_history(work.state, said, true);
    PlanEntry made;
    made.mode = S_IFDIR | 0755;
    // Whose commands will run in it; as BuildKit.
    if (!config.user.empty())
        std::tie(made.uid, made.gid) = find_owner(root.get(), config.user);
    PlanTree tree(root.get(), made);
    tree.make_folder(path);
    LayerPlan layer;
    layer.entries = tree.take_entries();
    layer.source_date_epoch = work.session.plan.source_date_epoch;
    LazyPlan plan([&] { return std::move(layer); }, {});
    add_layer(work, instruction, plan, said);
}
//@ end workdir-step

}  // namespace slipway
