#include "03-cgroups/apply.hpp"

#include <cerrno>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

//@ begin explain-refusal
std::string explain_refusal(const CgroupSetting& setting, int error) {
    if (setting.controller == "cpuset" &&
        (error == EINVAL || error == EACCES || error == ERANGE))
        return "these are not all here: /sys/devices/system/cpu/online and "
               "/sys/devices/system/node/online list what is";
    if (error == EBUSY) return "the group uses more than that already";
    if (error == ENODEV)
        return "the kernel wants a whole disk, not a partition: see lsblk";
    if (error == EOPNOTSUPP)
        return "only where the disk's scheduler knows shares, as bfq does: "
               "see /sys/block/*/queue/scheduler";
    if (error == EINVAL || error == ERANGE)
        return "the kernel does not take this value for this file";
    return {};
}
//@ end explain-refusal

// To v1, "a" is all devices, whatever number and access follow it.
std::vector<DeviceRule> for_v1(const DeviceRule& rule) {
    if (rule.type != 'a' || rule.text() == DeviceRule{}.text()) return {rule};
    DeviceRule characters = rule, blocks = rule;
    characters.type = 'c';
    blocks.type = 'b';
    return {characters, blocks};
}

}  // namespace

//@ begin inherit-cpuset
// A v1 cpuset begins empty, and a process cannot join an empty one.
void inherit_cpuset(const CgroupFolder& folder) {
    for (std::string file : {"cpuset.cpus", "cpuset.mems"}) {
        std::string value = folder.read(("../" + file).c_str()).value_or("");
        if (value.ends_with('\n')) value.pop_back();
        folder.write("empty at first, and then nobody may join", file, value);
    }
}
//@ end inherit-cpuset

//@ begin apply-setting
void apply_setting(const CgroupFolder& folder, const CgroupSetting& setting) {
    for (const CgroupWrite& write : setting.any_of) {
        if (!folder.has(write.file.c_str())) continue;
        try {
            folder.write(setting.reason, write.file, write.value);
        } catch (Error& error) {
            std::string advice = explain_refusal(setting, error.system_errno());
            if (!advice.empty()) error.set_advice(advice);
            error.add_context(setting.option);
            throw;
        }
        return;
    }
    if (setting.optional) return;
    throw Error(
        ErrorKind::Unsupported,
        cat(setting.option, ": this kernel has no ", setting.any_of[0].file))
        .advise("the controller is there, but was built without this");
}
//@ end apply-setting

void apply_devices(const CgroupFolder& folder,
                   const std::vector<DeviceRule>& rules) {
    if (folder.version == 2)
        return attach_device_program(folder.self.get(), rules);
    folder.write("nothing, to begin with", "devices.deny", "a");
    for (const DeviceRule& rule : rules)
        for (const DeviceRule& one : for_v1(rule))
            folder.write("except this",
                         one.allow ? "devices.allow" : "devices.deny",
                         one.text());
}

}  // namespace slipway
