#include <sched.h>

#include "06-engine/runtime/spec_parts.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::string read_destination(const DocumentField& field, Spec& spec) {
    std::string path = field.text();
    if (path.empty()) field.refuse("it is empty");
    if (path.starts_with('/')) return path;
    // Version 1.0 of the specification did not ask for a slash, and configs
    // without one are still about.
    spec.warnings.push_back(cat("mount destination ", shown_text(path),
                                " does not begin with /; taken from there"));
    return "/" + path;
}

// An id-mapped mount needs both maps, or none and those of the container.
void read_mount_ids(const DocumentField& field, MountSpec& mount,
                    const Spec& spec) {
    if (auto list = field.find("uidMappings"))
        mount.uid_mappings = read_id_ranges(*list);
    if (auto list = field.find("gidMappings"))
        mount.gid_mappings = read_id_ranges(*list);
    MountOptions& options = mount.options;
    bool own = !mount.uid_mappings.empty();
    if (own != !mount.gid_mappings.empty())
        field.refuse("it has one of uidMappings and gidMappings, not both");
    bool wanted = options.id_map || options.id_map_below;
    if (own && !wanted) options.id_map = true;
    if (wanted && !own && !spec.find_namespace(CLONE_NEWUSER))
        field.refuse(
            "idmap needs uidMappings and gidMappings, here or in linux");
    if ((own || wanted) && !options.bind && !options.recursive_bind)
        field.refuse("ids are mapped for bind mounts only");
}

MountSpec read_mount(const DocumentField& field, Spec& spec) {
    MountSpec mount;
    mount.destination = read_destination(field.at("destination"), spec);
    read_field(field, "source", mount.source);
    read_field(field, "type", mount.type);
    MountOptions& options = mount.options;
    auto words = field.find("options");
    if (words) options = parse_mount_options(words->texts());
    if (options.remount)
        words->refuse("a mount of this list is new: there is none to remount");
    // As crun has it: the type says what the options forgot.
    if (mount.type == "bind" && !options.recursive_bind) options.bind = true;
    bool bind = options.bind || options.recursive_bind;
    if (bind && mount.source.empty()) field.refuse("source is missing");
    if (!bind && mount.type.empty())
        field.refuse("type is missing, and it is no bind mount");
    read_mount_ids(field, mount, spec);
    return mount;
}

Hook read_hook(const DocumentField& field) {
    Hook hook;
    hook.path = read_absolute_path(field.at("path"));
    read_field(field, "args", hook.args);
    if (auto env = field.find("env")) hook.env = read_environment(*env);
    if (auto timeout = field.find("timeout")) {
        hook.timeout_s = static_cast<unsigned>(timeout->number(INT32_MAX));
        if (*hook.timeout_s == 0) timeout->refuse("it is 0 seconds");
    }
    return hook;
}

void read_hook_list(const DocumentField& from, const char* key,
                    std::vector<Hook>& to) {
    if (auto list = from.find(key))
        for (const DocumentField& item : list->items(most_json_values))
            to.push_back(read_hook(item));
}

}  // namespace

void read_mounts(const DocumentField& list, Spec& spec) {
    for (const DocumentField& item : list.items(most_json_values))
        spec.mounts.push_back(read_mount(item, spec));
}

Hooks read_hooks(const DocumentField& field) {
    Hooks hooks;
    read_hook_list(field, "prestart", hooks.prestart);
    read_hook_list(field, "createRuntime", hooks.create_runtime);
    read_hook_list(field, "createContainer", hooks.create_container);
    read_hook_list(field, "startContainer", hooks.start_container);
    read_hook_list(field, "poststart", hooks.poststart);
    read_hook_list(field, "poststop", hooks.poststop);
    return hooks;
}

}  // namespace slipway
