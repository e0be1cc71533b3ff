#include "05-build/copy_plan.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>

#include "05-build/add_archive.hpp"
#include "05-build/copy_owner.hpp"
#include "05-build/copy_sources.hpp"
#include "05-build/plan_tree.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}
std::string_view parent_of(std::string_view path) {
    std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? "" : path.substr(0, slash);
}

// One COPY on its way to a plan.
class Copying {
  public:
    explicit Copying(const CopyRequest& request);
    LayerPlan run();

  private:
    std::vector<CopySource> all_sources() const;
    void check_destination(std::size_t sources) const;
    void copy(const SourceTree& tree, const CopySource& source);
    void copy_folder(const SourceTree& tree, const CopySource& source);
    void copy_file(const SourceTree& tree, const CopySource& source);
    bool unpack_source(const SourceTree& tree, const CopySource& source);
    void copy_download(const DownloadedFile& file);
    void copy_heredoc(const HeredocFile& file);
    PlanNode& kept_folder(const SourceTree& tree, const CopySource& source,
                          const std::string& kept);
    std::string file_destination(const std::string& name);
    PlanNode node_of(const SourceTree& tree, SourceEntry&& entry);
    std::shared_ptr<const UniqueFd> place_of(const SourceTree& tree);
    std::uint64_t number_of(const SourceTree& tree, const struct stat& info);

    const CopyRequest& request_;
    EntryChange change_;
    IgnoreRules exclude_;
    PlanTree plan_;
    bool into_folder_;  // the destination says that it is one
    // Of the trees that files come from: the plan outlives the request.
    std::vector<std::pair<const SourceTree*, std::shared_ptr<const UniqueFd>>>
        places_;
    // Files with several names, each with a number of ours.
    std::map<std::tuple<const SourceTree*, dev_t, ino_t>, std::uint64_t>
        shared_;
};

PlanEntry made_folder(const EntryChange& change) {
    PlanEntry folder;
    folder.mode = S_IFDIR | 0755;
    if (!change.owner) return folder;
    folder.uid = change.owner->first;
    folder.gid = change.owner->second;
    return folder;
}

Copying::Copying(const CopyRequest& request)
    : request_(request),
      change_(entry_change(request.parent_root, request.chown, request.chmod)),
      exclude_(with_context("--exclude",
                            [&] { return ignore_rules(request.exclude); })),
      plan_(request.link ? -1 : request.parent_root, made_folder(change_)),
      into_folder_(request.destination.ends_with('/') || request.parents) {}

std::vector<CopySource> Copying::all_sources() const {
    std::vector<CopySource> all;
    for (const std::string& word : request_.sources)
        for (CopySource& source :
             find_sources(*request_.source, word, request_.parents))
            all.push_back(std::move(source));
    return all;
}

void Copying::check_destination(std::size_t sources) const {
    if (!request_.destination.starts_with('/'))
        throw Error(ErrorKind::InvalidArgument,
                    cat("destination ", quote(request_.destination),
                        " is not absolute"));
    if (sources < 2 || into_folder_) return;
    throw Error(ErrorKind::InvalidArgument,
                cat("several sources, but the destination ",
                    quote(request_.destination), " does not end in /"))
        .advise(cat("write ", request_.destination, "/"));
}

LayerPlan Copying::run() {
    std::vector<CopySource> sources = all_sources();
    check_destination(sources.size() + request_.downloads.size() +
                      request_.checkouts.size() + request_.heredocs.size());
    for (const CopySource& source : sources) copy(*request_.source, source);
    for (const DownloadedFile& file : request_.downloads) copy_download(file);
    for (const SourceTree* checkout : request_.checkouts)
        copy(*checkout, {"", find_source(*checkout, "")});
    for (const HeredocFile& file : request_.heredocs) copy_heredoc(file);
    read_contents(plan_, request_.threads);
    LayerPlan plan{.entries = plan_.take_entries(),
                   .source_date_epoch = request_.source_date_epoch};
    for (const PlanEntry& entry : plan.entries) plan.bytes += entry.size;
    return plan;
}

std::shared_ptr<const UniqueFd> Copying::place_of(const SourceTree& tree) {
    for (const auto& [known, place] : places_)
        if (known == &tree) return place;
    auto place = std::make_shared<const UniqueFd>(
        check(::fcntl(tree.root.get(), F_DUPFD_CLOEXEC, 0), "duplicate"));
    places_.emplace_back(&tree, place);
    return place;
}

std::uint64_t Copying::number_of(const SourceTree& tree,
                                 const struct stat& info) {
    auto [found, is_new] =
        shared_.try_emplace({&tree, info.st_dev, info.st_ino});
    if (is_new) found->second = shared_.size();
    return found->second;
}

PlanNode Copying::node_of(const SourceTree& tree, SourceEntry&& entry) {
    PlanNode node;
    const struct stat& info = entry.info;
    node.entry.mode = info.st_mode;
    if (tree.keeps_owner) {
        node.entry.uid = info.st_uid;
        node.entry.gid = info.st_gid;
    }
    node.entry.modified = info.st_mtim;
    node.entry.target = std::move(entry.target);
    if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))
        node.entry.device = info.st_rdev;
    if (S_ISREG(info.st_mode)) {
        node.entry.size = static_cast<std::uint64_t>(info.st_size);
        node.entry.bytes = {.place = place_of(tree),
                            .path = std::move(entry.path)};
        if (info.st_nlink > 1) node.shared = number_of(tree, info);
    } else if (S_ISDIR(info.st_mode)) {
        node.folder = std::move(entry.path);
    }
    change_.apply(node.entry);
    node.tree = &tree;
    node.info = info;
    return node;
}

void Copying::copy(const SourceTree& tree, const CopySource& source) {
    if (S_ISDIR(source.found.info.st_mode)) return copy_folder(tree, source);
    if (S_ISSOCK(source.found.info.st_mode))
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote("/" + source.name),
                        " is a socket, which no layer can hold"));
    bool may_unpack = request_.is_add && request_.unpack.value_or(true);
    if (may_unpack && unpack_source(tree, source)) return;
    copy_file(tree, source);
}

//@ begin copy-folder
// What is in the folder, merged into the destination.
void Copying::copy_folder(const SourceTree& tree, const CopySource& source) {
    const std::string& folder = source.found.path;
    PlanNode& target =
        request_.parents
            ? kept_folder(tree, source, source.kept)
            : plan_.make_folder(request_.destination,
                                node_of(tree, {folder, source.found.info}));
    // The folders on the way down, each with where it goes.
    std::vector<std::pair<std::string, PlanNode*>> way{{folder, &target}};
    walk_source(
        tree, folder, exclude_,
        [&](SourceEntry&& entry) {
            while (way.back().first != parent_of(entry.path)) way.pop_back();
            PlanNode& into = *way.back().second;
            std::string name(base_name(entry.path));
            if (!S_ISDIR(entry.info.st_mode)) {
                plan_.put(into, name, node_of(tree, std::move(entry)));
                return;
            }
            std::string path = entry.path;
            PlanNode& made =
                plan_.put_folder(into, name, node_of(tree, std::move(entry)));
            way.emplace_back(std::move(path), &made);
        },
        source.kept);
}
//@ end copy-folder

// --parents: the folders of the source's name, as they are there.
PlanNode& Copying::kept_folder(const SourceTree& tree, const CopySource& source,
                               const std::string& kept) {
    PlanNode* at = &plan_.make_folder(request_.destination);
    std::string path =
        source.name.substr(0, source.name.size() - source.kept.size());
    for (const std::string& part : split(kept, '/')) {
        if (part.empty()) continue;
        path += (path.empty() || path.ends_with('/')) ? part : "/" + part;
        Resolved found = find_source(tree, path);
        at = &plan_.put_folder(*at, part,
                               node_of(tree, {found.path, found.info}), false);
    }
    return *at;
}

// "/a/" and a folder "/a" take the file under its name.
std::string Copying::file_destination(const std::string& name) {
    const std::string& to = request_.destination;
    if (!into_folder_ && !plan_.find_folder(to)) return to;
    if (name.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat("no name for a file in ", quote(to)))
            .advise("name the file in the destination");
    return cat(to, to.ends_with('/') ? "" : "/", name);
}

void Copying::copy_file(const SourceTree& tree, const CopySource& source) {
    std::string name(base_name(source.name));
    if (exclude_.ignores(request_.parents ? source.kept : name)) return;
    SourceEntry entry{source.found.path, source.found.info};
    PlanNode node = node_of(tree, std::move(entry));
    if (!request_.parents) {
        plan_.put_at(file_destination(name), std::move(node));
        return;
    }
    PlanNode& folder =
        kept_folder(tree, source, std::string(parent_of(source.kept)));
    plan_.put(folder, name, std::move(node));
}

bool Copying::unpack_source(const SourceTree& tree, const CopySource& source) {
    if (!S_ISREG(source.found.info.st_mode)) return false;
    UniqueFd file = open_source_file(tree.root.get(), source.found.path);
    if (!file) return false;
    return with_context(quote(source.name), [&] {
        return add_archive(plan_, file.get(), request_.destination,
                           {change_, request_.scratch});
    });
}

void Copying::copy_download(const DownloadedFile& file) {
    UniqueFd opened(check(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC),
                          "open ", quote(file.path)));
    if (request_.unpack.value_or(false) &&
        add_archive(plan_, opened.get(), request_.destination,
                    {change_, request_.scratch}))
        return;
    PlanNode node;
    node.entry.mode = S_IFREG | 0600;
    node.entry.modified = {file.modified.value_or(0), 0};
    change_.apply(node.entry);
    hash_file(node.entry, std::move(opened));
    plan_.put_at(file_destination(file.name), std::move(node));
}

void Copying::copy_heredoc(const HeredocFile& file) {
    PlanNode node;
    node.entry.mode = S_IFREG | 0644;
    node.entry.modified = {request_.source_date_epoch.value_or(0), 0};
    node.entry.size = file.text.size();
    node.entry.content = hash_of(file.text);
    node.entry.bytes.text = file.text;
    change_.apply(node.entry);
    plan_.put_at(file_destination(file.name), std::move(node));
}

}  // namespace

std::string copy_destination(const std::string& workdir,
                             const std::string& destination) {
    bool is_folder = destination.empty() || destination.ends_with('/') ||
                     destination == "." || destination.ends_with("/.") ||
                     destination == ".." || destination.ends_with("/..");
    std::string path = destination.starts_with('/')
                           ? destination
                           : cat("/", workdir, "/", destination);
    path = clean_path(path);
    return is_folder && path != "/" ? path + "/" : path;
}

LayerPlan plan_copy(const CopyRequest& request) {
    return Copying(request).run();
}

}  // namespace slipway
