// What a walk does not say of files: their contents and xattrs.
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <optional>
#include <vector>

#include "04-images/digest.hpp"
#include "04-images/parallel.hpp"
#include "05-build/beneath.hpp"
#include "05-build/plan_tree.hpp"
#include "05-build/stat_index.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t piece = 256 << 10;
constexpr std::size_t jobs_at_once = 64;  // files a job: a job costs a little

bool is_kept(std::string_view name) {
    return name == "security.capability" ||
           (name.starts_with("user.") && !name.starts_with("user.overlay."));
}

bool is_same(const struct stat& a, const struct stat& b) {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
           a.st_size == b.st_size && a.st_mode == b.st_mode &&
           a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
           a.st_ctim.tv_sec == b.st_ctim.tv_sec &&
           a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

[[noreturn]] void throw_changed(const PlanNode& node) {
    throw Error(ErrorKind::Conflict,
                cat(quote("/" + node.source()), " in ", node.tree->name,
                    " changed while it was read"));
}

// Exactly as many bytes as it had when it was looked at.
ContentHash hash_content(int fd, const PlanNode& node, std::string& buffer) {
    Sha256 hash;
    auto left = static_cast<std::uint64_t>(node.info.st_size);
    while (true) {
        ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        check(got, "read ", quote("/" + node.source()));
        if (got == 0) break;
        if (static_cast<std::uint64_t>(got) > left) throw_changed(node);
        left -= static_cast<std::uint64_t>(got);
        hash.add({buffer.data(), static_cast<std::size_t>(got)});
        // A file that is read whole has no end to be asked for.
        if (left == 0 && static_cast<std::size_t>(got) < buffer.size()) break;
    }
    if (left != 0) throw_changed(node);
    return content_hash(hash.finish());
}

void read_folder(PlanNode& node) {
    UniqueFd fd = open_beneath(node.tree->root.get(), node.source(),
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!fd) throw_changed(node);
    node.entry.xattrs = layer_xattrs(fd.get(), node.source());
}

void read_file(PlanNode& node, std::string& buffer) {
    StatIndex* index = node.tree->index;
    auto known = index ? index->find(node.info) : std::nullopt;
    if (known) node.entry.content = known->hash;
    if (known && !known->has_xattrs) return;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    UniqueFd fd = open_source_file(node.tree->root.get(), node.source());
    struct stat before {
    }, after{};
    if (!fd || ::fstat(fd.get(), &before) != 0 || !is_same(before, node.info))
        throw_changed(node);
    node.entry.xattrs = layer_xattrs(fd.get(), node.source());
    if (known) return;
    node.entry.content = hash_content(fd.get(), node, buffer);
    bool is_calm = ::fstat(fd.get(), &after) == 0 && is_same(after, before);
    if (index && is_calm)
        index->remember(after, {node.entry.content, !node.entry.xattrs.empty()},
                        now);
}

}  // namespace

std::map<std::string, std::string> layer_xattrs(int fd,
                                                const std::string& shown) {
    std::map<std::string, std::string> xattrs;
    std::string list(1024, '\0');
    ssize_t size = ::flistxattr(fd, list.data(), list.size());
    if (size < 0 && errno == ERANGE) {
        list.resize(XATTR_LIST_MAX);
        size = ::flistxattr(fd, list.data(), list.size());
    }
    if (size < 0 && errno == ENOTSUP) return xattrs;
    check(size, "list xattrs of ", quote(shown));
    list.resize(static_cast<std::size_t>(size));
    for (const std::string& name : split(list, '\0')) {
        if (!is_kept(name)) continue;
        std::string value(XATTR_SIZE_MAX, '\0');
        ssize_t length =
            ::fgetxattr(fd, name.c_str(), value.data(), value.size());
        if (length < 0 && errno == ENODATA) continue;  // gone since
        check(length, "read xattr of ", quote(shown));
        xattrs[name] = value.substr(0, static_cast<std::size_t>(length));
    }
    return xattrs;
}

void read_contents(PlanTree& tree, unsigned threads) {
    std::vector<PlanNode*> nodes;
    tree.for_each([&](PlanNode& node) {
        bool has_content = S_ISREG(node.entry.mode) || node.is_folder();
        if (node.tree && has_content) nodes.push_back(&node);
    });
    std::size_t jobs = (nodes.size() + jobs_at_once - 1) / jobs_at_once;
    run_parallel(jobs, threads, [&](const Job& job) {
        static thread_local std::string buffer(piece, '\0');
        std::size_t end =
            std::min(nodes.size(), (job.index + 1) * jobs_at_once);
        for (std::size_t i = job.index * jobs_at_once; i < end; ++i) {
            if (nodes[i]->is_folder())
                read_folder(*nodes[i]);
            else
                read_file(*nodes[i], buffer);
        }
    });
}

}  // namespace slipway
