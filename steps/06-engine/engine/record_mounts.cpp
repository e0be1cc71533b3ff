#include "06-engine/engine/binds.hpp"
#include "06-engine/engine/record_fields.hpp"
#include "06-engine/engine/record_parts.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

template <class Visitor, class Mount>
void visit_bind_options(Visitor& visit, Mount& mount) {
    bool flat = mount.recursive == "disabled",
         writable = mount.recursive == "writable",
         forced = mount.recursive == "readonly";
    visit.or_nothing("Propagation", mount.propagation);
    visit.or_nothing("NonRecursive", flat);
    visit.or_nothing("CreateMountpoint", mount.create_source);
    visit.or_nothing("ReadOnlyNonRecursive", writable);
    visit.or_nothing("ReadOnlyForceRecursive", forced);
    visit.or_nothing("MatchUser", mount.match_user);  // ours
    if constexpr (Visitor::reads)
        mount.recursive = flat       ? "disabled"
                          : writable ? "writable"
                          : forced   ? "readonly"
                                     : "";
}

template <class Visitor, class Mount>
void visit_volume_options(Visitor& visit, Mount& mount) {
    visit.or_nothing("Anonymous", mount.anonymous);  // ours
    visit.or_nothing("NoCopy", mount.no_copy);
    visit.or_nothing("MatchUser", mount.match_user);  // ours
    visit.or_nothing("Labels", mount.labels);
    visit.or_nothing("Subpath", mount.subpath);
    visit.part("DriverConfig", mount, [](auto& inner, auto& same) {
        inner.or_nothing("Name", same.driver);
        inner.or_nothing("Options", same.driver_options);
    });
}

template <class Visitor, class Mount>
void visit_tmpfs_options(Visitor& visit, Mount& mount) {
    visit.or_nothing("SizeBytes", mount.tmpfs_size);
    visit.or_nothing("Mode", mount.tmpfs_mode);
    visit.or_nothing("Flags", mount.tmpfs_options);  // ours
}

template <class Visitor, class Mount>
void visit_mount(Visitor& visit, Mount& mount) {
    visit("Type", mount.type);
    visit.or_nothing("Source", mount.source);
    visit("Target", mount.target);
    visit.or_nothing("ReadOnly", mount.read_only);
    auto options = [&](const char* type, const char* key, auto visit_one) {
        if (mount.type == type) visit.part(key, mount, visit_one);
    };
    options("bind", "BindOptions",
            [](auto& inner, auto& same) { visit_bind_options(inner, same); });
    options("volume", "VolumeOptions",
            [](auto& inner, auto& same) { visit_volume_options(inner, same); });
    options("image", "ImageOptions", [](auto& inner, auto& same) {
        inner.or_nothing("Subpath", same.subpath);
    });
    options("tmpfs", "TmpfsOptions",
            [](auto& inner, auto& same) { visit_tmpfs_options(inner, same); });
}

bool is_plain_tmpfs(const MountRequest& mount) {
    return mount == MountRequest{.type = "tmpfs",
                                 .target = mount.target,
                                 .tmpfs_options = mount.tmpfs_options};
}

}  // namespace

void add_mounts(ordered_json& host_config,
                const std::vector<MountRequest>& mounts) {
    ordered_json binds = ordered_json::array(), tmpfs = ordered_json::object();
    std::vector<MountRequest> others;
    for (const MountRequest& mount : mounts) {
        std::string text = bind_text(mount);
        if (!text.empty())
            binds.push_back(text);
        else if (is_plain_tmpfs(mount) && !tmpfs.contains(mount.target))
            tmpfs[mount.target] = join(mount.tmpfs_options, ",");
        else
            others.push_back(mount);
    }
    host_config["Binds"] = binds.empty() ? ordered_json() : std::move(binds);
    if (!tmpfs.empty()) host_config["Tmpfs"] = std::move(tmpfs);
    if (others.empty()) return;
    FieldWriter(host_config).list("Mounts", others, [](auto& visit, auto& one) {
        visit_mount(visit, one);
    });
}

std::vector<MountRequest> read_mounts(const DocumentField& host_config) {
    std::vector<MountRequest> mounts;
    if (auto binds = host_config.find("Binds"))
        for (const std::string& text : binds->texts())
            mounts.push_back(parse_bind(text));
    if (auto tmpfs = host_config.find("Tmpfs"))
        for (const auto& [target, options] : tmpfs->text_map()) {
            MountRequest mount{.type = "tmpfs", .target = target};
            if (!options.empty()) mount.tmpfs_options = split(options, ',');
            mounts.push_back(std::move(mount));
        }
    FieldReader reader(host_config);
    reader.list("Mounts", mounts,
                [](auto& visit, auto& one) { visit_mount(visit, one); });
    return mounts;
}

}  // namespace slipway
