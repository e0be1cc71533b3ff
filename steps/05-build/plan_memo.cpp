#include "05-build/plan_memo.hpp"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <thread>

#include "04-images/parallel.hpp"
#include "05-build/stat_index.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_memo = 128;

timespec now() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return time;
}

bool is_before(const timespec& a, const timespec& b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

/// The hash of everything that a plan depends on. Lists go in with their
/// lengths: nothing can slide from one into the next.
class Everything {
  public:
    void add(std::string_view text) {
        hash_.add(cat(text.size(), ":"));
        hash_.add(text);
    }
    void add(const std::vector<std::string>& texts) {
        add(cat(texts.size()));
        for (const std::string& text : texts) add(text);
    }
    void add(std::string_view path, const struct stat& info) {
        add(path);
        const std::int64_t fields[] = {
            static_cast<std::int64_t>(info.st_dev),
            static_cast<std::int64_t>(info.st_ino),
            static_cast<std::int64_t>(info.st_mode),
            static_cast<std::int64_t>(info.st_uid),
            static_cast<std::int64_t>(info.st_gid),
            info.st_size,
            info.st_mtim.tv_sec,
            info.st_mtim.tv_nsec,
            info.st_ctim.tv_sec,
            info.st_ctim.tv_nsec,
        };
        char bytes[sizeof fields];
        std::memcpy(bytes, fields, sizeof fields);
        hash_.add({bytes, sizeof bytes});
        youngest_ =
            is_before(youngest_, info.st_ctim) ? info.st_ctim : youngest_;
    }
    void add(Everything& part) {
        youngest_ =
            is_before(youngest_, part.youngest_) ? part.youngest_ : youngest_;
        add(part.name());
    }
    std::string name() { return std::string(hash_.finish().hex()); }
    const timespec& youngest() const { return youngest_; }

  private:
    Sha256 hash_;
    timespec youngest_{};  // change
};

void add_layers(Everything& all, const std::vector<ImageLayer>& layers) {
    all.add(cat(layers.size(), " layers"));
    for (const ImageLayer& layer : layers) all.add(layer.diff_id.text());
}

void add_request(Everything& all, const CopyRequest& request,
                 const std::vector<ImageLayer>& parent) {
    all.add("plan 3");
    all.add(request.sources);
    all.add(request.exclude);
    all.add({request.destination, request.chown, request.chmod});
    all.add(cat(request.link, request.parents, request.is_add,
                request.unpack ? *request.unpack ? "yes" : "no" : "auto"));
    all.add(cat(request.heredocs.size()));
    for (const HeredocFile& heredoc : request.heredocs)
        all.add({heredoc.name, heredoc.text});
    add_layers(all, parent);
}

// What is in a folder, by all processors: asking the kernel about each file is
// nearly all that an unchanged build does.
void add_folder(Everything& all, const SourceTree& tree,
                const std::string& folder, const IgnoreRules& exclude) {
    std::vector<std::string> below = list_source(
        tree, folder, exclude,
        [&](SourceEntry&& entry) { all.add(entry.path, entry.info); });
    std::vector<Everything> parts(below.size());
    std::size_t start = folder.empty() ? 0 : folder.size() + 1;
    run_parallel(below.size(), std::thread::hardware_concurrency(),
                 [&](const Job& job) {
                     const std::string& path = below[job.index];
                     walk_source(
                         tree, path, exclude,
                         [&](SourceEntry&& entry) {
                             parts[job.index].add(entry.path, entry.info);
                         },
                         path.substr(start));
                 });
    for (Everything& part : parts) all.add(part);
}

// A context: all files that are meant, by what stat says of them.
void add_files(Everything& all, const CopyRequest& request) {
    const SourceTree& tree = *request.source;
    all.add(cat(tree.ignore.rules.size(), " rules"));
    for (const IgnoreRule& rule : tree.ignore.rules)
        all.add(cat(rule.includes ? "!" : "", rule.text));
    IgnoreRules exclude = ignore_rules(request.exclude);
    for (const std::string& pattern : request.sources)
        for (const std::string& path :
             match_sources(tree, pattern, request.parents)) {
            Resolved source = find_source(tree, path);
            all.add(path);
            if (!source.exists) continue;
            all.add(source.path, source.info);
            if (!S_ISDIR(source.info.st_mode)) continue;
            add_folder(all, tree, source.path, exclude);
        }
}

}  // namespace

//@ begin recall-plan
PlanMemo recall_plan(const std::string& store_root, const CopyRequest& request,
                     const FromTree& from,
                     const std::vector<ImageLayer>& parent) {
    if (!request.downloads.empty() || !request.checkouts.empty()) return {};
    timespec begin = now();
    Everything all;
    add_request(all, request, parent);
    if (from.has_layers)  // they never change
        add_layers(all, from.layers);
    else
        add_files(all, request);
    if (could_change_unseen(all.youngest(), begin)) return {};
    PlanMemo memo{cat(store_root, "/build/plans/", all.name()), {}};
    try {
        memo.digest = Digest::parse(read_file(memo.file, longest_memo));
    } catch (const Error&) {
        // not known, or damaged
    }
    return memo;
}
//@ end recall-plan

void remember_plan(const PlanMemo& memo, const Digest& plan) {
    if (memo.file.empty() || memo.digest == plan) return;
    std::filesystem::create_directories(
        std::filesystem::path(memo.file).parent_path());
    write_file_atomic(memo.file, plan.text(), 0600, ToDisk::Later);
}

}  // namespace slipway
