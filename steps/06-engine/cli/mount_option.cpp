#include "06-engine/cli/mount_option.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "05-build/letters.hpp"
#include "06-engine/cli/option_text.hpp"
#include "06-engine/engine/binds.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr char option[] = "--mount";

using Take = void (*)(MountRequest& mount, const KeyValue& field);

[[noreturn]] void refuse_field(const KeyValue& field, std::string_view why,
                               std::string advice = {}) {
    refuse_option(
        option, field.has_value ? cat(field.key, "=", field.value) : field.key,
        why, std::move(advice));
}

bool truth_of(const KeyValue& field) {
    return !field.has_value ||
           parse_truth(cat(option, " ", field.key), field.value);
}

template <std::size_t size>
const std::string& one_of(const KeyValue& field,
                          const char* const (&words)[size]) {
    for (const char* word : words)
        if (field.value == word) return field.value;
    refuse_field(field,
                 cat("it is none of ", join({words, words + size}, ", ")));
}

void take_type(MountRequest& mount, const KeyValue& field) {
    KeyValue lower = field;
    lower.value = to_lower(field.value);
    mount.type = one_of(lower, {"bind", "volume", "tmpfs", "image"});
}

void take_recursive(MountRequest& mount, const KeyValue& field) {
    mount.recursive =
        one_of(field, {"enabled", "disabled", "writable", "readonly"});
    if (mount.recursive == "enabled") mount.recursive.clear();
}

void take_map(std::map<std::string, std::string>& map, const KeyValue& field) {
    KeyValue pair = cut(field.value);
    if (pair.key.empty()) refuse_field(field, "the name is empty");
    map[pair.key] = pair.value;
}

void take_tmpfs_mode(MountRequest& mount, const KeyValue& field) {
    constexpr unsigned largest = 07777;
    unsigned mode = 0;
    for (char digit : field.value) {
        if (digit < '0' || digit > '7' || mode > largest) mode = largest + 1;
        mode = mode * 8 + static_cast<unsigned>(digit - '0');
    }
    if (field.value.empty() || mode > largest)
        refuse_field(field, "it is no octal mode", "write 1777");
    mount.tmpfs_mode = mode;
}

void take_source(MountRequest& mount, const KeyValue& field) {
    mount.source = absolute_source(field.value);
}

struct Field {
    std::string_view name;
    std::string_view type;  // the only one that has it; empty: any
    bool bare;              // may stand without a value
    Take take;
};

// NOLINTBEGIN(bugprone-easily-swappable-parameters)
const Field fields[] = {
    {"type", "", false, take_type},
    {"source", "", false, take_source},
    {"src", "", false, take_source},
    {"target", "", false, [](auto& m, auto& f) { m.target = f.value; }},
    {"destination", "", false, [](auto& m, auto& f) { m.target = f.value; }},
    {"dst", "", false, [](auto& m, auto& f) { m.target = f.value; }},
    {"readonly", "", true, [](auto& m, auto& f) { m.read_only = truth_of(f); }},
    {"ro", "", true, [](auto& m, auto& f) { m.read_only = truth_of(f); }},
    {"match-user", "", true,
     [](auto& m, auto& f) { m.match_user = truth_of(f); }},
    {"consistency", "", false, [](auto&, auto&) {}},
    {"bind-propagation", "bind", false,
     [](auto& m, auto& f) {
         m.propagation = one_of(f, {"private", "rprivate", "shared", "rshared",
                                    "slave", "rslave"});
     }},
    {"bind-recursive", "bind", false, take_recursive},
    {"bind-nonrecursive", "bind", true,
     [](auto& m, auto& f) { m.recursive = truth_of(f) ? "disabled" : ""; }},
    {"bind-create-src", "bind", true,
     [](auto& m, auto& f) { m.create_source = truth_of(f); }},
    {"volume-nocopy", "volume", true,
     [](auto& m, auto& f) { m.no_copy = truth_of(f); }},
    {"volume-subpath", "volume", false,
     [](auto& m, auto& f) { m.subpath = f.value; }},
    {"volume-label", "volume", false,
     [](auto& m, auto& f) { take_map(m.labels, f); }},
    {"volume-driver", "volume", false,
     [](auto& m, auto& f) { m.driver = f.value; }},
    {"volume-opt", "volume", false,
     [](auto& m, auto& f) { take_map(m.driver_options, f); }},
    {"image-subpath", "image", false,
     [](auto& m, auto& f) { m.subpath = f.value; }},
    {"tmpfs-size", "tmpfs", false,
     [](auto& m, auto& f) { m.tmpfs_size = parse_size(f.value); }},
    {"tmpfs-mode", "tmpfs", false, take_tmpfs_mode},
};
// NOLINTEND(bugprone-easily-swappable-parameters)

const Field& field_named(std::string_view text, const std::string& name) {
    std::vector<std::string> names;
    for (const Field& field : fields) {
        if (field.name == name) return field;
        names.emplace_back(field.name);
    }
    std::string guess = nearest(name, names);
    refuse_option(option, text, cat("unknown field ", quote(name)),
                  guess.empty() ? "write type=bind,source=PATH,target=PATH"
                                : cat("did you mean ", guess, "?"));
}

// A path below a volume or image must not climb out of it.
void check_subpath(std::string_view text, const std::string& path) {
    if (path.empty()) return;
    std::vector<std::string> parts = split(path, '/');
    if (path[0] == '/' ||
        std::find(parts.begin(), parts.end(), "..") != parts.end())
        refuse_option(
            option, text,
            cat("the subpath ", quote(path), " is not below its volume"));
}

void check_source(std::string_view text, const MountRequest& mount) {
    const std::string& source = mount.source;
    if (mount.type == "tmpfs" && !source.empty())
        refuse_option(option, text, "a tmpfs has no source");
    if (mount.type == "image" && source.empty())
        refuse_option(option, text, "which image? add source=IMAGE");
    if (mount.type == "volume" && source.starts_with('/'))
        refuse_option(option, text, cat(quote(source), " is a path"),
                      "for a folder of the host add type=bind");
    if (mount.type == "volume" && !source.empty())
        parse_bind(cat(source, ":/x"));  // refuses what is no name
    if (mount.type != "bind") return;
    if (!source.starts_with('/'))
        refuse_option(option, text,
                      source.empty() ? "what is to be seen? add source=PATH"
                                     : "the source is not absolute");
    struct stat info {};
    if (!mount.create_source && ::stat(source.c_str(), &info) != 0)
        throw Error(ErrorKind::InvalidArgument,
                    cat(option, ": bind source path does not exist: ", source))
            .advise("make it first; -v makes a folder that is missing");
}

void check_target(std::string_view text, const MountRequest& mount) {
    if (mount.target.empty())
        refuse_option(option, text, "where? add target=PATH");
    if (!mount.target.starts_with('/'))
        refuse_option(
            option, text,
            cat("the target ", quote(mount.target), " is not absolute"));
    if (mount.target.find_first_not_of('/') == std::string::npos)
        refuse_option(option, text, "the target cannot be /");
    if (mount.recursive == "writable" && !mount.read_only)
        refuse_option(option, text, "bind-recursive=writable needs readonly");
    if (mount.recursive == "readonly" &&
        (!mount.read_only || mount.propagation != "rprivate"))
        refuse_option(option, text,
                      "bind-recursive=readonly needs readonly "
                      "and bind-propagation=rprivate");
}

}  // namespace

std::string absolute_source(std::string path) {
    bool relative = path == "." || path == ".." || path.starts_with("./") ||
                    path.starts_with("../");
    if (!relative) return path;
    path = std::filesystem::absolute(path).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

MountRequest parse_volume_option(std::string_view text) {
    KeyValue parts = cut(text, ':');
    if (parts.key.starts_with('~'))
        refuse_option("--volume", text,
                      "~ is the shell's, and was not replaced",
                      "leave it out of quotes, or write $HOME");
    if (!parts.has_value) return parse_bind(text);
    return parse_bind(cat(absolute_source(parts.key), ":", parts.value));
}

MountRequest parse_mount_option(std::string_view text) {
    if (text.empty()) refuse_option(option, text, "it is empty");
    MountRequest mount{.target = ""};
    std::vector<const Field*> given;
    for (const std::string& part : split_csv(option, text)) {
        KeyValue pair = cut(part);
        pair.key = to_lower(pair.key);
        const Field& field = field_named(text, pair.key);
        if (!pair.has_value && !field.bare)
            refuse_option(option, text, cat(pair.key, " needs a value"));
        field.take(mount, pair);
        given.push_back(&field);
    }
    for (const Field* field : given)
        if (!field->type.empty() && field->type != mount.type)
            refuse_option(option, text,
                          cat(field->name, " is not for type=", mount.type));
    check_target(text, mount);
    check_source(text, mount);
    check_subpath(text, mount.subpath);
    return mount;
}

MountRequest parse_tmpfs_option(std::string_view text) {
    constexpr char name[] = "--tmpfs";
    constexpr std::string_view flags[] = {
        "ro",       "rw",         "suid",        "nosuid",       "dev",
        "nodev",    "exec",       "noexec",      "sync",         "async",
        "dirsync",  "atime",      "noatime",     "diratime",     "nodiratime",
        "relatime", "norelatime", "strictatime", "nostrictatime"};
    constexpr std::string_view keys[] = {"size",      "mode",      "uid", "gid",
                                         "nr_inodes", "nr_blocks", "mpol"};
    KeyValue parts = cut(text, ':');
    if (!parts.key.starts_with('/') ||
        parts.key.find_first_not_of('/') == std::string::npos)
        refuse_option(name, text, "the target is not absolute, or /",
                      "write PATH[:OPTIONS], as in /run:size=64m");
    MountRequest mount{.type = "tmpfs", .target = parts.key};
    if (!parts.has_value || parts.value.empty()) return mount;
    for (const std::string& word : split(parts.value, ',')) {
        KeyValue pair = cut(word);
        const auto* found =
            pair.has_value
                ? std::find(std::begin(keys), std::end(keys), pair.key)
                : std::find(std::begin(flags), std::end(flags), word);
        if (found == (pair.has_value ? std::end(keys) : std::end(flags)))
            refuse_option(name, text, cat("unknown option ", quote(word)));
        mount.tmpfs_options.push_back(word);
    }
    return mount;
}

std::string parse_volumes_from(std::string_view text) {
    KeyValue parts = cut(text, ':');
    if (parts.key.empty()) refuse_option("--volumes-from", text, "whose?");
    for (const char* mode : {"", "ro", "rw", "z", "Z"})
        if (parts.value == mode) return std::string(text);
    refuse_option("--volumes-from", text,
                  cat("unknown option ", quote(parts.value)), "write ro or rw");
}

}  // namespace slipway
