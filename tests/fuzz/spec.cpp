// config.json, which whoever made the bundle wrote, and what is made of its
// resources for each kind of system.
#include "06-engine/runtime/spec.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "06-engine/runtime/resources.hpp"
#include "common/error.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/unit/06-runtime/spec_examples.hpp"

using namespace slipway;

namespace {

template <class Parse>
void try_parse(Parse parse) {
    try {
        parse();
    } catch (const Error& error) {
        must(!error.message().empty() && error.message().size() < 4096);
        must(!error.advice().empty());
        must(error.kind() == ErrorKind::InvalidArgument ||
             error.kind() == ErrorKind::Unsupported);
        for (char c : error.message()) must(c != '\x1b' && c != '\n');
    }
}

// Version 1 alone; both, as many machines have it; and version 2 alone, whose
// controllers parse_cgroup_layout() would read from a mounted tree.
const CgroupLayout layouts[] = {
    parse_cgroup_layout(
        "1 1 0:1 / /c/cpu rw - cgroup c rw,cpu,cpuacct\n"
        "2 1 0:2 / /c/memory rw - cgroup c rw,memory\n"
        "3 1 0:3 / /c/blkio rw - cgroup c rw,blkio\n"
        "4 1 0:4 / /c/rest rw - cgroup c rw,pids,cpuset,hugetlb,rdma,net_cls,"
        "net_prio\n",
        "1:cpu,cpuacct:/\n2:memory:/\n3:blkio:/\n"
        "4:pids,cpuset,hugetlb,rdma,net_cls,net_prio:/\n"),
    parse_cgroup_layout("1 1 0:1 / /c/cpu rw - cgroup c rw,cpu\n"
                        "2 1 0:2 / /c/memory rw - cgroup c rw,memory\n"
                        "3 1 0:3 / /c/unified rw - cgroup2 c rw\n",
                        "1:cpu:/\n2:memory:/\n0::/\n"),
    {{{2,
       {"cpu", "cpuset", "io", "memory", "pids", "hugetlb", "rdma"},
       "/c",
       "/c"}}},
};

void try_settings(const Resources& resources) {
    for (const CgroupLayout& layout : layouts)
        try_parse([&] {
            for (const CgroupSetting& one : settings_for(resources, layout)) {
                must(!one.any_of.empty());
                must(one.controller == "cgroup" ||
                     layout.find(one.controller) != nullptr);
                for (const CgroupWrite& write : one.any_of) {
                    must(write.file.find('/') == std::string::npos);
                    must(write.file.find('.') != 0 && !write.file.empty());
                }
            }
        });
}

void check_process(const ProcessSpec& process) {
    must(!process.args.empty() && process.cwd[0] == '/');
    must(process.user.uid != UINT32_MAX && process.user.gid != UINT32_MAX);
    for (const Rlimit& limit : process.rlimits) must(limit.soft <= limit.hard);
    for (const std::string& one : process.env)
        must(one.find('=') != std::string::npos && one[0] != '=');
}

void check_spec(const Spec& spec) {
    must(!spec.root_path.empty() && spec.oci_version.starts_with("1."));
    if (spec.process) check_process(*spec.process);
    for (const MountSpec& mount : spec.mounts) {
        must(mount.destination[0] == '/');
        must(!mount.options.remount);
        must(!(mount.options.bind && mount.options.recursive_bind));
    }
    for (const Sysctl& one : spec.sysctl)
        must(spec.find_namespace(one.flag) != nullptr);
    for (const std::string& path : spec.masked_paths) must(path[0] == '/');
    for (const DeviceSpec& device : spec.devices) must(device.path[0] == '/');
    must(spec.uid_mappings.empty() || !spec.namespaces.empty());
    try_settings(spec.resources);
}

// From nothing, chance makes no config. So one that is good is cut open where
// the first bytes say, and the rest is put in; or one of the words below.
constexpr std::string_view resources_config = R"({"ociVersion":"1.2.0",
"root":{"path":"r"},"linux":{"resources":{
"memory":{"limit":9,"swap":12,"reservation":3,"kernelTCP":1,"swappiness":60},
"cpu":{"shares":2,"quota":50,"period":100,"burst":3,"cpus":"0","mems":"0",
"idle":1,"realtimeRuntime":0},"pids":{"limit":-1},
"blockIO":{"weight":10,"leafWeight":11,"weightDevice":[{"major":8,"minor":0,
"weight":500}],"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":6}]},
"hugepageLimits":[{"pageSize":"2MB","limit":9}],
"network":{"classID":1,"priorities":[{"name":"e","priority":5}]},
"rdma":{"m":{"hcaHandles":3}},"unified":{"memory.high":"5"}}}})";
constexpr std::string_view good[] = {runc_config, podman_config,
                                     resources_config};
constexpr std::string_view words[] = {"null",
                                      "[]",
                                      "{}",
                                      "\"\"",
                                      "-1",
                                      "0",
                                      "18446744073709551615",
                                      "1e400",
                                      "true",
                                      ",",
                                      "\"type\":\"user\"",
                                      "\"path\":\"/p\"",
                                      "\"unified\":{\"a/b\":"
                                      "\"1\"}",
                                      "\"options\":[\"idmap\"]",
                                      "\\u0000",
                                      "\\n",
                                      "../"};

std::string spliced(std::string_view bytes) {
    auto byte = [&](std::size_t i) {
        return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[i]));
    };
    std::string document(good[byte(0) % std::size(good)]);
    std::size_t place = (byte(1) * 256 + byte(2)) % document.size();
    std::string_view word = bytes.substr(5);
    if (word.size() < 2) word = words[byte(4) % std::size(words)];
    return document.replace(place, byte(3) % 24, word);
}

// They are good: otherwise most of this would test nothing.
const bool checked = [] {
    for (std::string_view config : good) check_spec(parse_spec(config));
    return true;
}();

void try_all(std::string_view bytes) {
    try_parse([&] { check_spec(parse_spec(bytes)); });
    try_parse([&] { check_process(parse_process(bytes)); });
    try_parse([&] {
        try_settings(read_resources(
            parse_document(bytes, "resources", largest_spec, "look")));
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    must(checked);
    try_all(bytes);
    if (size >= 5) try_all(spliced(bytes));
    return 0;
}
