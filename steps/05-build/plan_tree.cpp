#include "05-build/plan_tree.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>

#include "05-build/beneath.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_links = 40;     // as the kernel
constexpr std::size_t deepest_path = 500;  // as 04-images/layer_walk.hpp

std::string shown(const std::string& path) {
    return quote("/" + path.substr(0, 300));
}

std::string joined(const PlanNode& folder, const std::string& name) {
    const std::string& path = folder.entry.name;
    return path.empty() ? name : cat(path, "/", name);
}

void push_front(std::deque<std::string>& to_come, const std::string& path) {
    std::vector<std::string> parts = split(path, '/');
    std::erase_if(parts, [](const std::string& part) {
        return part.empty() || part == ".";
    });
    to_come.insert(to_come.begin(), parts.begin(), parts.end());
}

[[noreturn]] void throw_no_folder(const std::string& path) {
    throw Error(ErrorKind::InvalidArgument,
                cat(shown(path), " is not a folder"), ENOTDIR);
}

void count_link(std::size_t& links, const std::string& path) {
    if (++links > most_links)
        throw Error(ErrorKind::InvalidArgument,
                    cat(shown(path), ": too many symlinks"), ELOOP);
}

// Names that a layer cannot hold, because they mean something else there.
void check_name(const std::string& name, const std::string& path) {
    if (name.starts_with(".wh."))
        throw Error(ErrorKind::InvalidArgument,
                    cat(shown(path),
                        " cannot be in a layer: there the name means that "
                        "something was removed"));
    if (name.size() > 255 || path.size() > 4095)
        throw_errno(ENAMETOOLONG, shown(path));
}

void check_kind(const PlanNode& node, const std::string& path) {
    if (S_ISCHR(node.entry.mode) && node.entry.device == 0)
        throw Error(ErrorKind::InvalidArgument,
                    cat(shown(path),
                        " cannot be in a layer: character device 0:0 is "
                        "overlayfs' mark for what was removed"));
}

}  // namespace

PlanTree::PlanTree(int below, const PlanEntry& made)
    : below_(below), made_(made) {
    root_.entry.mode = S_IFDIR | 0755;
    root_.is_carried = true;
    root_.has_below = below >= 0;
}

int PlanTree::open_below(const PlanNode& folder) {
    if (open_path_ == folder.entry.name) return open_.get();
    open_ = open_beneath(below_, folder.entry.name,
                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    check(open_.get(), "open folder ", shown(folder.entry.name));
    open_path_ = folder.entry.name;
    return open_.get();
}

std::optional<struct stat> PlanTree::look_below(const PlanNode& folder,
                                                const std::string& name) {
    if (!folder.has_below) return std::nullopt;
    struct stat info {};
    if (::fstatat(open_below(folder), name.c_str(), &info,
                  AT_SYMLINK_NOFOLLOW) == 0)
        return info;
    if (errno == ENOENT) return std::nullopt;
    throw_errno(errno, cat("look at ", shown(joined(folder, name))));
}

// A folder that is below, as it is there.
PlanNode& PlanTree::carry(PlanNode& folder, const std::string& name) {
    auto node = std::make_unique<PlanNode>();
    node->entry.name = joined(folder, name);
    int fd = open_below(*node);
    struct stat info {};
    check(::fstat(fd, &info), "look at ", shown(node->entry.name));
    node->entry.mode = info.st_mode;
    node->entry.uid = info.st_uid;
    node->entry.gid = info.st_gid;
    node->entry.modified = info.st_mtim;
    node->entry.xattrs = layer_xattrs(fd, shown(node->entry.name));
    node->is_carried = true;
    node->has_below = true;
    return *(folder.children[name] = std::move(node));
}

PlanTree::View PlanTree::view_below(PlanNode& folder, const std::string& name) {
    auto info = look_below(folder, name);
    if (!info) return {};
    if (S_ISDIR(info->st_mode))
        return {View::Kind::Folder, &carry(folder, name)};
    if (!S_ISLNK(info->st_mode)) return {View::Kind::Other};
    return {View::Kind::Symlink, nullptr,
            read_link_at(open_below(folder), name, joined(folder, name))};
}

PlanTree::View PlanTree::view(PlanNode& folder, const std::string& name) {
    auto found = folder.children.find(name);
    if (found == folder.children.end()) return view_below(folder, name);
    PlanNode& node = *found->second;
    if (node.is_folder()) return {View::Kind::Folder, &node};
    if (S_ISLNK(node.entry.mode))
        return {View::Kind::Symlink, &node, node.entry.target};
    return {View::Kind::Other, &node};
}

//@ begin descend
// As a process would whose root this is: ".." of the root is the root, and an
// absolute symlink begins there.
PlanNode* PlanTree::descend(const std::string& path, Missing missing) {
    std::deque<std::string> to_come;
    push_front(to_come, path);
    std::vector<PlanNode*> way{&root_};
    std::size_t links = 0;
    while (!to_come.empty()) {
        std::string part = std::move(to_come.front());
        to_come.pop_front();
        if (part == "..") {
            if (way.size() > 1) way.pop_back();
            continue;
        }
        PlanNode& folder = *way.back();
        View found = view(folder, part);
        if (found.kind == View::Kind::Symlink) {
            count_link(links, joined(folder, part));
            if (found.target.starts_with('/')) way.resize(1);
            push_front(to_come, found.target);
            continue;
        }
        //@ end descend
        if (found.kind == View::Kind::Nothing && missing == Missing::Make)
            found.node =
                &place(folder, part, {.entry = made_, .is_made = true});
        else if (found.kind != View::Kind::Folder && missing == Missing::Null)
            return nullptr;
        else if (found.kind != View::Kind::Folder)
            throw_no_folder(joined(folder, part));
        way.push_back(found.node);
        if (way.size() > deepest_path)
            throw_errno(ENAMETOOLONG, cat("look up ", shown(path)));
    }
    return way.back();
}

// In place of what was put there before. What is below is hidden by it, unless
// both are folders; of the same kind one file hides another without a word.
PlanNode& PlanTree::place(PlanNode& folder, const std::string& name,
                          PlanNode&& node) {
    std::string path = joined(folder, name);
    check_name(name, path);
    check_kind(node, path);
    auto below = look_below(folder, name);
    node.entry.name = std::move(path);
    node.has_below = below && S_ISDIR(below->st_mode) && node.is_folder();
    node.replaces = below && S_ISDIR(below->st_mode) != node.is_folder();
    auto& at = folder.children[name];
    at = std::make_unique<PlanNode>(std::move(node));
    return *at;
}

PlanNode* PlanTree::find_folder(const std::string& path) {
    return descend(path, Missing::Null);
}

PlanNode& PlanTree::make_folder(const std::string& path) {
    return *descend(path, Missing::Make);
}

PlanNode& PlanTree::make_folder(const std::string& path, PlanNode&& described) {
    if (PlanNode* there = find_folder(path)) return *there;
    PlanNode& made = make_folder(path);
    described.entry.name = made.entry.name;
    described.has_below = made.has_below;
    described.replaces = made.replaces;
    made = std::move(described);
    return made;
}

PlanNode* PlanTree::find(const std::string& path) {
    auto [parent, name] = [&] {
        std::size_t slash = path.rfind('/');
        if (slash == std::string::npos) return std::pair{std::string(), path};
        return std::pair{path.substr(0, slash), path.substr(slash + 1)};
    }();
    PlanNode* folder = find_folder(parent);
    if (!folder) return nullptr;
    auto found = folder->children.find(name);
    return found == folder->children.end() ? nullptr : found->second.get();
}

PlanNode& PlanTree::put_at(const std::string& path, PlanNode&& node) {
    std::string at = path;
    for (std::size_t links = 0;;) {
        std::size_t slash = at.rfind('/');
        PlanNode& folder = make_folder(at.substr(0, slash));
        std::string name = at.substr(slash + 1);
        if (name.empty() || name == "." || name == "..")
            throw Error(ErrorKind::InvalidArgument,
                        cat(quote(path), " is a folder"));
        View found = view(folder, name);
        if (found.kind != View::Kind::Symlink)
            return put(folder, name, std::move(node));
        count_link(links, joined(folder, name));
        at = found.target.starts_with('/')
                 ? found.target
                 : cat("/", joined(folder, found.target));
    }
}

PlanNode& PlanTree::put(PlanNode& folder, const std::string& name,
                        PlanNode&& node, OnConflict conflict) {
    if (conflict == OnConflict::Refuse &&
        view(folder, name).kind == View::Kind::Folder)
        throw Error(ErrorKind::InvalidArgument,
                    cat("file onto folder ", shown(joined(folder, name))))
            .advise(
                "a folder is not replaced by a file: remove it before, or "
                "choose another destination");
    return place(folder, name, std::move(node));
}

PlanNode& PlanTree::put_folder(PlanNode& folder, const std::string& name,
                               PlanNode&& node, bool describe,
                               OnConflict conflict) {
    View found = view(folder, name);
    PlanNode* there = found.node;
    // Merged into where it leads to: "lib" with "lib -> usr/lib".
    if (found.kind == View::Kind::Symlink)
        there = find_folder(joined(folder, name));
    if (found.kind == View::Kind::Nothing)
        return place(folder, name, std::move(node));
    if (!there || !there->is_folder()) {
        if (conflict == OnConflict::Replace)
            return place(folder, name, std::move(node));
        throw Error(ErrorKind::InvalidArgument,
                    cat("folder onto file ", shown(joined(folder, name))));
    }
    // Who describes the folder that a symlink leads to means the symlink.
    if (!describe || found.kind == View::Kind::Symlink) return *there;
    node.entry.name = there->entry.name;
    node.has_below = there->has_below;
    node.replaces = there->replaces;
    node.children = std::move(there->children);
    *there = std::move(node);
    return *there;
}

void PlanTree::for_each(const std::function<void(PlanNode&)>& visit) {
    std::vector<PlanNode*> to_come{&root_};
    while (!to_come.empty()) {
        PlanNode* node = to_come.back();
        to_come.pop_back();
        for (auto& [name, child] : node->children) {
            visit(*child);
            to_come.push_back(child.get());
        }
    }
}

namespace {

// Puts the nodes' entries one behind the other.
class Flattening {
  public:
    std::vector<PlanEntry> entries;

    // The latest time of what is in the folder.
    timespec add_children(PlanNode& folder) {
        timespec latest{};
        for (auto& [name, child] : folder.children) {
            timespec time = add(*child);
            if (std::pair{time.tv_sec, time.tv_nsec} >
                std::pair{latest.tv_sec, latest.tv_nsec})
                latest = time;
        }
        return latest;
    }

  private:
    timespec add(PlanNode& node) {
        std::size_t before = entries.size();
        if (node.replaces)
            entries.push_back(
                {.kind = PlanEntry::Kind::Whiteout, .name = node.entry.name});
        std::size_t at = entries.size();
        bool is_folder = node.is_folder();
        link(node);
        entries.push_back(std::move(node.entry));
        if (!is_folder) return entries[at].modified;
        timespec latest = add_children(node);
        if (node.is_carried && entries.size() == at + 1) {
            entries.resize(before);
            return {};
        }
        if (node.is_made) entries[at].modified = latest;
        return entries[at].modified;
    }

    // The second name of a file that is there already. Should they differ, for
    // one was written to in between, each is a file of its own.
    void link(PlanNode& node) {
        if (node.shared == 0) return;
        auto [found, is_new] = names_.try_emplace(node.shared, entries.size());
        if (is_new) return;
        const PlanEntry& first = entries[found->second];
        PlanEntry& entry = node.entry;
        if (first.content != entry.content || first.mode != entry.mode) return;
        entry.hard_link = first.name;
        entry.size = 0;
        entry.xattrs.clear();
        entry.bytes = {};
    }

    std::map<std::uint64_t, std::size_t> names_;  // of the first entry
};

}  // namespace

std::vector<PlanEntry> PlanTree::take_entries() {
    std::size_t nodes = 0;
    for_each([&](const PlanNode& node) { nodes += node.replaces ? 2 : 1; });
    Flattening flat;
    flat.entries.reserve(nodes);
    flat.add_children(root_);
    return std::move(flat.entries);
}

}  // namespace slipway
