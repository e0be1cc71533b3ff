#include "05-build/run_mounts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "04-images/layer_snapshot.hpp"
#include "05-build/copy_plan.hpp"
#include "05-build/root_view.hpp"
#include "05-build/source_trees.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument, cat("--mount: ", why));
}

//@ begin mount-options
// Which options which type has, by their first names.
const std::map<std::string, std::set<std::string>> options_of = {
    {"bind", {"target", "source", "from", "rw", "ro"}},
    {"cache",
     {"target", "source", "from", "id", "sharing", "mode", "uid", "gid", "ro",
      "rw"}},
    {"tmpfs", {"target", "size"}},
    {"secret", {"target", "id", "env", "required", "mode", "uid", "gid"}},
    {"ssh", {"target", "id", "required", "mode", "uid", "gid"}},
};
//@ end mount-options

std::string first_name(const std::string& option) {
    if (option == "dst" || option == "destination") return "target";
    if (option == "src") return "source";
    if (option == "readonly") return "ro";
    if (option == "readwrite") return "rw";
    return option;
}

/// The options of one mount, checked, variables replaced.
class Options {
  public:
    Options(const StageState& state, const RunMount& mount) {
        for (const auto& [option, value] : mount.options)
            values_[first_name(option)] = expanded(state, value);
        type = text("type", "bind");
        auto known = options_of.find(type);
        if (known == options_of.end())
            refuse(cat("there is no type ", quote(type),
                       ": it is bind, cache, tmpfs, secret or ssh"));
        for (const auto& [option, value] : values_)
            if (option != "type" && !known->second.contains(option))
                refuse(cat("type=", type, " has no option ", quote(option)));
    }

    std::string type;
    std::string text(const std::string& option,
                     const std::string& otherwise = {}) const {
        auto found = values_.find(option);
        return found == values_.end() ? otherwise : found->second;
    }
    bool has(const std::string& option) const {
        return values_.contains(option);
    }
    bool flag(const std::string& option) const {
        std::string value = text(option, "false");
        if (value == "true" || value == "1") return true;
        if (value == "false" || value == "0") return false;
        refuse(cat(option, "=", quote(value), " is neither true nor false"));
    }
    std::uint32_t number(const std::string& option,
                         std::uint32_t otherwise) const {
        if (!has(option)) return otherwise;
        auto value = parse_unsigned(text(option), UINT32_MAX - 1);
        if (!value)
            refuse(cat(option, "=", quote(text(option)), " is no number"));
        return static_cast<std::uint32_t>(*value);
    }
    std::uint32_t mode(std::uint32_t otherwise) const {
        if (!has("mode")) return otherwise;
        std::uint32_t result = 0;
        for (char digit : text("mode")) {
            if (digit < '0' || digit > '7' || result > 07777)
                refuse(
                    cat("mode=", quote(text("mode")), " is no octal number"));
            result = result * 8 + static_cast<std::uint32_t>(digit - '0');
        }
        return result;
    }
    /// Absolute, inside; counted from WORKDIR.
    std::string target(const StageState& state,
                       const std::string& otherwise = {}) const {
        std::string path = text("target", otherwise);
        if (path.empty()) refuse(cat("type=", type, " needs a target"));
        path = copy_destination(state.config.config.working_dir, path);
        while (path.size() > 1 && path.ends_with('/')) path.pop_back();
        if (path == "/") refuse("a mount would cover the root");
        return path;
    }

  private:
    std::map<std::string, std::string> values_;
};

// For the key: who may use it decides what a command does.
std::string owner_text(const Options& options, std::uint32_t mode) {
    return cat(options.mode(mode), " ", options.number("uid", 0), ":",
               options.number("gid", 0));
}

Resolved source_in(const FromTree& from, const std::string& path) {
    Resolved source = find_source(*from.tree, path);
    if (!source.exists)
        throw Error(ErrorKind::NotFound, cat("--mount: ", quote(path),
                                             " is not in ", from.tree->name));
    return source;
}

// Files and folders as COPY would bring them.
std::shared_ptr<LayerPlan> plan_of(const FromTree& from,
                                   const std::string& source,
                                   const std::string& destination) {
    CopyRequest request;
    request.source = from.tree.get();
    request.sources = {source};
    request.destination = destination;
    return std::make_shared<LayerPlan>(plan_copy(request));
}

void unpack_plan(const ImageStore& store, const LayerPlan& plan,
                 const std::string& folder) {
    folder_from_tar(folder, unpack_options(store),
                    [&](const ByteSink& tar) { write_layer(plan, tar); });
}

//@ begin bind-mount
// A stage or an image is there as layers. Of a folder of the host only what
// .dockerignore leaves is to be seen: it is copied.
ReadyMount bind_mount(StageWork& work, const Options& options) {
    ReadyMount mount;
    bool writable = options.flag("rw");
    mount.exec.kind =
        writable ? ExecMount::Kind::Scratch : ExecMount::Kind::Tree;
    mount.exec.read_only = !writable;
    mount.exec.target = options.target(work.state);
    mount.exec.source = options.text("source", "/");
    FromTree from = open_from(work, options.text("from"));
    mount.is_single_file =
        !S_ISDIR(source_in(from, mount.exec.source).info.st_mode);
    mount.identity = writable ? "bind rw " : "bind ";
    if (from.has_layers) {
        mount.identity += mount.exec.source;
        for (const ImageLayer& layer : from.layers)
            mount.identity += " " + layer.diff_id.text();
        mount.exec.layers = layer_folders(work.session.store, from.layers);
        return mount;
    }
    std::string destination = mount.is_single_file ? "/file" : "/";
    auto plan = plan_of(from, mount.exec.source, destination);
    mount.identity += digest_of(*plan).text();
    mount.exec.source = destination;
    mount.prepare = [plan, from, &session = work.session](ReadyMount& ready) {
        std::string folder = session.make_folder();
        unpack_plan(session.store, *plan, folder);
        ready.exec.layers = {session.store.root + "/build/empty", folder};
    };
    return mount;
}
//@ end bind-mount

CacheMount::Sharing sharing_of(const Options& options) {
    std::string sharing = options.text("sharing", "shared");
    if (sharing == "shared") return CacheMount::Sharing::Shared;
    if (sharing == "private") return CacheMount::Sharing::Private;
    if (sharing == "locked") return CacheMount::Sharing::Locked;
    refuse(
        cat("sharing=", quote(sharing), " is not shared, private or locked"));
}

/// What a new cache is filled with: from= and source=. Nothing: it is empty.
struct CacheFiles {
    FromTree from;
    std::shared_ptr<LayerPlan> plan;
};

CacheFiles cache_files(StageWork& work, const Options& options) {
    if (!options.has("from")) return {};
    CacheFiles files{open_from(work, options.text("from")), {}};
    std::string source = options.text("source", "/");
    if (!S_ISDIR(source_in(files.from, source).info.st_mode))
        refuse(cat("type=cache: ", quote(source), " is no folder"));
    files.plan = plan_of(files.from, source, "/");
    return files;
}

//@ begin cache-mount
// One id with other files to begin with is another cache.
ReadyMount cache_mount(StageWork& work, const Options& options) {
    ReadyMount mount;
    mount.exec.kind = ExecMount::Kind::Bind;
    mount.exec.target = options.target(work.state);
    mount.exec.read_only = options.flag("ro");
    CacheMount cache;
    cache.id = options.text("id", mount.exec.target);
    cache.sharing = sharing_of(options);
    CacheFiles files = cache_files(work, options);
    if (files.plan) cache.id += "\n" + digest_of(*files.plan).text();
    uid_t uid = options.number("uid", 0);
    gid_t gid = options.number("gid", 0);
    mode_t mode = options.mode(0755);
    cache.fill = [=, &store = work.session.store](const std::string& folder) {
        if (files.plan) unpack_plan(store, *files.plan, folder);
        check(::chown(folder.c_str(), uid, gid), "chown ", folder);
        check(::chmod(folder.c_str(), mode), "chmod ", folder);
    };
    mount.identity = cat("cache ", cache.id, " ", mount.exec.read_only, " ",
                         owner_text(options, 0755));
    mount.cache = std::move(cache);
    return mount;
}
//@ end cache-mount

ReadyMount tmpfs_mount(StageWork& work, const Options& options) {
    ReadyMount mount;
    mount.exec.kind = ExecMount::Kind::Tmpfs;
    mount.exec.target = options.target(work.state);
    if (options.has("size")) mount.exec.size = parse_size(options.text("size"));
    mount.identity = cat("tmpfs ", mount.exec.size);
    return mount;
}

//@ begin secret-mount
// Its value counts for nothing in the cache, and is in no layer, no history and
// no message.
std::optional<ReadyMount> secret_mount(StageWork& work,
                                       const Options& options) {
    std::string target = options.text("target");
    std::string id = options.text("id", target.substr(target.rfind('/') + 1));
    if (id.empty()) refuse("type=secret needs an id");
    ReadyMount mount;
    mount.identity = cat("secret ", id, " ", options.text("env"), " ",
                         owner_text(options, 0400));
    auto found = work.session.plan.secrets.find(id);
    if (found == work.session.plan.secrets.end()) {
        if (!options.flag("required")) return {};
        throw Error(ErrorKind::NotFound, cat("there is no secret ", quote(id)))
            .advise(cat("give it: --secret id=", id, ",src=FILE"));
    }
    const std::string& content = found->second.content;
    if (options.has("env"))
        mount.environment = cat(options.text("env"), "=", content);
    if (options.has("env") && !options.has("target")) return mount;
    mount.exec.kind = ExecMount::Kind::File;
    mount.exec.target = options.target(work.state, "/run/secrets/" + id);
    mount.exec.content = content;
    mount.exec.mode = options.mode(0400);
    mount.exec.uid = options.number("uid", 0);
    mount.exec.gid = options.number("gid", 0);
    mount.exec.read_only = true;
    return mount;
}
//@ end secret-mount

std::optional<ReadyMount> ssh_mount(StageWork& work, const Options& options,
                                    std::size_t number) {
    std::string id = options.text("id", "default");
    ReadyMount mount;
    mount.identity = "ssh " + id;
    auto found = work.session.plan.ssh.find(id);
    if (found == work.session.plan.ssh.end()) {
        if (!options.flag("required")) return {};
        throw Error(ErrorKind::NotFound,
                    cat("there is no ssh agent ", quote(id)))
            .advise(cat("give one: --ssh ", id, "=$SSH_AUTH_SOCK"));
    }
    mount.exec.kind = ExecMount::Kind::Bind;
    mount.exec.source = found->second;
    mount.exec.target =
        options.target(work.state, cat("/run/buildkit/ssh_agent.", number));
    mount.is_single_file = true;
    mount.environment = "SSH_AUTH_SOCK=" + mount.exec.target;
    return mount;
}

std::optional<ReadyMount> ready_mount(StageWork& work, const Options& options,
                                      std::size_t number) {
    if (options.type == "bind") return bind_mount(work, options);
    if (options.type == "cache") return cache_mount(work, options);
    if (options.type == "tmpfs") return tmpfs_mount(work, options);
    if (options.type == "secret") return secret_mount(work, options);
    return ssh_mount(work, options, number);
}

}  // namespace

std::vector<ReadyMount> ready_mounts(StageWork& work, const Run& run) {
    std::vector<ReadyMount> mounts;
    for (const RunMount& mount : run.mounts) {
        Options options(work.state, mount);
        if (auto ready = ready_mount(work, options, mounts.size()))
            mounts.push_back(std::move(*ready));
    }
    return mounts;
}

std::vector<UniqueFd> hold_caches(const BuildSession& session,
                                  std::vector<ReadyMount>& mounts) {
    std::vector<CacheMount*> caches;
    for (ReadyMount& mount : mounts)
        if (mount.cache) caches.push_back(&*mount.cache);
    std::vector<UniqueFd> locks = hold_caches(session.store.root, caches);
    for (ReadyMount& mount : mounts)
        if (mount.cache) mount.exec.source = mount.cache->folder;
    return locks;
}

}  // namespace slipway
