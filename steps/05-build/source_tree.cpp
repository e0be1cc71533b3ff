#include "05-build/source_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <memory>
#include <utility>

#include "05-build/beneath.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_links = 40;       // as the kernel
constexpr std::size_t deepest_path = 500;    // as 04-images/layer_walk.hpp
constexpr std::size_t longest_path = 65536;  // what symlinks may make of one

std::string shown(const std::string& path) {
    return quote("/" + path.substr(0, 300));
}

[[noreturn]] void throw_changed(const std::string& path) {
    throw Error(ErrorKind::Conflict,
                cat(shown(path), " changed while it was read"));
}

// A path on its way through the root: what is behind, and what is to come.
class Resolution {
  public:
    Resolution(int root, const std::string& path, LastLink last)
        : root_(root), last_(last) {
        push(path);
    }

    Resolved run();

  private:
    void push(const std::string& path);
    void step(const std::string& part);
    void follow(const std::string& target);
    void look();
    std::string path() const { return join(done_, "/"); }

    int root_;
    LastLink last_;
    std::vector<std::string> done_;
    std::deque<std::string> to_come_;
    std::size_t missing_ = 0;  // of done_, at its end: they are not there
    std::size_t links_ = 0;
    struct stat info_ {};  // of done_, as long as nothing is missing
};

void Resolution::push(const std::string& path) {
    if (path.size() > longest_path)
        throw_errno(ENAMETOOLONG, cat("look up ", shown(path)));
    std::vector<std::string> parts = split(path, '/');
    std::erase_if(parts, [](const std::string& part) {
        return part.empty() || part == ".";
    });
    to_come_.insert(to_come_.begin(), parts.begin(), parts.end());
}

void Resolution::look() {
    UniqueFd fd = open_beneath(root_, path(), O_PATH | O_NOFOLLOW);
    check(fd.get(), "open ", shown(path()));
    check(::fstat(fd.get(), &info_), "look at ", shown(path()));
}

void Resolution::follow(const std::string& target) {
    if (++links_ > most_links)
        throw Error(ErrorKind::InvalidArgument,
                    cat(shown(path()), ": too many symlinks"), ELOOP);
    done_.pop_back();
    if (target.starts_with('/')) done_.clear();
    push(target);
}

void Resolution::step(const std::string& part) {
    if (part == "..") {
        if (!done_.empty()) done_.pop_back();
        if (missing_ > 0) --missing_;
        return;
    }
    done_.push_back(part);
    if (done_.size() > deepest_path)
        throw Error(
            ErrorKind::InvalidArgument,
            cat(shown(path()), " …: folders nest deeper than ", deepest_path));
    if (missing_ > 0) {
        ++missing_;
        return;
    }
    UniqueFd fd = open_beneath(root_, path(), O_PATH | O_NOFOLLOW);
    if (!fd && errno == ENOENT) {
        missing_ = 1;
        return;
    }
    check(fd.get(), "open ", shown(path()));
    check(::fstat(fd.get(), &info_), "look at ", shown(path()));
    bool is_last = to_come_.empty();
    if (S_ISLNK(info_.st_mode) && (!is_last || last_ == LastLink::Follow))
        return follow(read_link_at(fd.get(), "", path()));
    if (!is_last && !S_ISDIR(info_.st_mode))
        throw Error(ErrorKind::InvalidArgument,
                    cat(shown(path()), " is not a folder"), ENOTDIR);
}

Resolved Resolution::run() {
    while (!to_come_.empty()) {
        std::string part = std::move(to_come_.front());
        to_come_.pop_front();
        step(part);
    }
    Resolved found{.path = path(), .exists = missing_ == 0};
    if (found.exists) {
        look();  // ".." and "." at the end have not looked
        found.info = info_;
    }
    return found;
}

// One folder after the other, down a tree.
class SourceWalk {
  public:
    SourceWalk(const SourceTree& tree, const IgnoreRules& exclude,
               const std::function<void(SourceEntry&&)>& visit)
        : tree_(tree), ignore_(tree.ignore), exclude_(exclude), visit_(visit) {}

    void run(const std::string& folder, const std::string& exclude_from);
    /// Folders are put here instead of being gone into.
    std::vector<std::string>* folders = nullptr;

  private:
    void walk(int fd, const std::string& folder);
    void walk_entry(int fd, const char* name, const std::string& folder);
    void enter(int fd, SourceEntry&& entry, bool is_hidden);
    void hand_out(SourceEntry&& entry);

    const SourceTree& tree_;
    IgnoreWalk ignore_, exclude_;
    const std::function<void(SourceEntry&&)>& visit_;
    // Folders above the present one that are left out, unless something in
    // them is not.
    std::vector<SourceEntry> waiting_;
    std::size_t depth_ = 0;
};

// False: nothing below that folder is meant.
bool go_into(IgnoreWalk& walk, const std::string& folder) {
    bool is_meant = true;
    for (const std::string& part : split(folder, '/')) {
        if (part.empty()) continue;
        is_meant = !walk.ignores(part) || !walk.hides_all_below();
        walk.enter();
    }
    return is_meant;
}

void SourceWalk::run(const std::string& folder,
                     const std::string& exclude_from) {
    UniqueFd fd = open_beneath(tree_.root.get(), folder,
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    check(fd.get(), "open folder ", shown(folder));
    bool is_meant = go_into(ignore_, folder);
    is_meant = go_into(exclude_, exclude_from) && is_meant;
    if (is_meant) walk(fd.get(), folder);
}

void SourceWalk::walk(int fd, const std::string& folder) {
    if (++depth_ > deepest_path)
        throw Error(
            ErrorKind::InvalidArgument,
            cat(shown(folder), " …: folders nest deeper than ", deepest_path));
    UniqueFd copy(
        check(::fcntl(fd, F_DUPFD_CLOEXEC, 0), "open ", shown(folder)));
    std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy.get()),
                                               ::closedir);
    if (!stream) throw_errno(errno, cat("read folder ", shown(folder)));
    [[maybe_unused]] int now_owned_by_stream = copy.release();
    for (errno = 0; dirent* found = ::readdir(stream.get()); errno = 0) {
        std::string_view name = found->d_name;
        if (name != "." && name != "..") walk_entry(fd, found->d_name, folder);
    }
    if (errno != 0) throw_errno(errno, cat("read folder ", shown(folder)));
    --depth_;
}

void SourceWalk::walk_entry(int fd, const char* name,
                            const std::string& folder) {
    bool is_hidden = ignore_.ignores(name);
    is_hidden = exclude_.ignores(name) || is_hidden;
    SourceEntry entry;
    if (::fstatat(fd, name, &entry.info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return;  // gone since it was listed
        throw_errno(errno, cat("look at ", shown(cat(folder, "/", name))));
    }
    if (S_ISSOCK(entry.info.st_mode)) return;
    bool is_folder = S_ISDIR(entry.info.st_mode);
    if (is_hidden && !is_folder) return;
    entry.path.reserve(folder.size() + 1 + std::string_view(name).size());
    if (!folder.empty()) entry.path.append(folder).append(1, '/');
    entry.path.append(name);
    if (is_folder) return enter(fd, std::move(entry), is_hidden);
    if (S_ISLNK(entry.info.st_mode))
        entry.target = read_link_at(fd, name, entry.path);
    hand_out(std::move(entry));
}

void SourceWalk::enter(int fd, SourceEntry&& entry, bool is_hidden) {
    if (is_hidden && (ignore_.hides_all_below() || exclude_.hides_all_below()))
        return;
    if (folders) {
        folders->push_back(entry.path);
        return hand_out(std::move(entry));
    }
    std::string path = entry.path;
    const char* name = path.c_str() + (path.rfind('/') + 1);
    UniqueFd below(
        ::openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!below && (errno == ENOTDIR || errno == ELOOP)) throw_changed(path);
    check(below.get(), "open folder ", shown(path));
    ignore_.enter();
    exclude_.enter();
    std::size_t waiting = waiting_.size();
    if (is_hidden)
        waiting_.push_back(std::move(entry));
    else
        hand_out(std::move(entry));
    walk(below.get(), path);
    if (waiting_.size() > waiting) waiting_.pop_back();
    exclude_.leave();
    ignore_.leave();
}

void SourceWalk::hand_out(SourceEntry&& entry) {
    std::vector<SourceEntry> first = std::exchange(waiting_, {});
    for (SourceEntry& folder : first) visit_(std::move(folder));
    visit_(std::move(entry));
}

}  // namespace

SourceTree open_source_tree(const std::string& folder) {
    UniqueFd root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root && errno == ENOTDIR)
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote(folder), " is not a folder"));
    check(root.get(), "open ", quote(folder));
    return {.root = std::move(root)};
}

Resolved resolve_in(int root_fd, const std::string& path, LastLink last) {
    return Resolution(root_fd, path, last).run();
}

Resolved find_source(const SourceTree& tree, const std::string& path) {
    return resolve_in(tree.root.get(), path);
}

void walk_source(const SourceTree& tree, const std::string& folder,
                 const IgnoreRules& exclude,
                 const std::function<void(SourceEntry&&)>& visit,
                 const std::string& exclude_from) {
    SourceWalk(tree, exclude, visit).run(folder, exclude_from);
}

std::vector<std::string> list_source(
    const SourceTree& tree, const std::string& folder,
    const IgnoreRules& exclude,
    const std::function<void(SourceEntry&&)>& visit) {
    std::vector<std::string> folders;
    SourceWalk walk(tree, exclude, visit);
    walk.folders = &folders;
    walk.run(folder, "");
    return folders;
}

UniqueFd open_source_file(int root_fd, const std::string& path) {
    // O_NONBLOCK: were it a pipe by now, opening it would wait for a writer.
    UniqueFd fd = open_beneath(root_fd, path,
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct stat info {};
    if (fd && (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)))
        fd.reset();
    return fd;
}

bool is_visible(const SourceTree& tree, const std::string& path,
                const struct stat& info) {
    if (path.empty() || !tree.ignore.ignores(path)) return true;
    if (!S_ISDIR(info.st_mode)) return false;
    struct Found {};
    try {
        walk_source(tree, path, {}, [](SourceEntry&&) { throw Found(); });
    } catch (const Found&) {
        return true;
    }
    return false;
}

}  // namespace slipway
