#include "06-engine/engine/host_devices.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool is_device(const struct stat& info) {
    return S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode);
}

HostDevice device_at(const struct stat& info, const std::string& path,
                     const std::string& permissions) {
    return {S_ISCHR(info.st_mode) ? 'c' : 'b',
            path,
            major(info.st_rdev),
            minor(info.st_rdev),
            info.st_mode & 07777,
            info.st_uid,
            info.st_gid,
            permissions};
}

// Terminals and shared memory are the container's own.
bool is_own(const std::string& name) {
    return name == "pts" || name == "shm" || name == "mqueue" ||
           name == "console" || name == "fd";
}

void add_folder(std::vector<HostDevice>& devices, const std::string& host,
                const std::string& container, const std::string& permissions) {
    std::error_code unreadable;
    for (const auto& entry :
         std::filesystem::directory_iterator(host, unreadable)) {
        std::string name = entry.path().filename().string();
        struct stat info {};
        if (is_own(name) || ::lstat(entry.path().c_str(), &info) != 0) continue;
        std::string inside = cat(container, "/", name);
        if (S_ISDIR(info.st_mode))
            add_folder(devices, entry.path(), inside, permissions);
        else if (is_device(info))
            devices.push_back(device_at(info, inside, permissions));
    }
}

}  // namespace

std::vector<HostDevice> devices_of(const HostConfig& host) {
    std::vector<HostDevice> devices;
    if (host.privileged) add_folder(devices, "/dev", "/dev", "rwm");
    for (const DeviceRequest& asked : host.devices) {
        struct stat info {};
        check(::stat(asked.host.c_str(), &info), "--device ", asked.host);
        const std::string& inside =
            asked.container.empty() ? asked.host : asked.container;
        if (S_ISDIR(info.st_mode))
            add_folder(devices, asked.host, inside, asked.permissions);
        else if (is_device(info))
            devices.push_back(device_at(info, inside, asked.permissions));
        else
            throw Error(ErrorKind::InvalidArgument,
                        cat("--device ", asked.host, ": it is not a device"))
                .advise("files and folders are shown inside with -v");
    }
    return devices;
}

nlohmann::ordered_json device_json(const HostDevice& device) {
    return {{"type", std::string(1, device.type)},
            {"path", device.path},
            {"major", device.major},
            {"minor", device.minor},
            {"fileMode", device.mode},
            {"uid", device.uid},
            {"gid", device.gid}};
}

}  // namespace slipway
