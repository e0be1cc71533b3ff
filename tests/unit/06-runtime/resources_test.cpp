#include "06-engine/runtime/resources.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

const CgroupLayout v1{{{1, {"memory"}, "/m", "/m"},
                       {1, {"cpu"}, "/c", "/c"},
                       {1, {"cpuset"}, "/s", "/s"},
                       {1, {"pids"}, "/p", "/p"},
                       {1, {"blkio"}, "/b", "/b"},
                       {1, {"hugetlb"}, "/h", "/h"},
                       {1, {"rdma"}, "/r", "/r"},
                       {1, {"net_cls", "net_prio"}, "/n", "/n"}}};
const CgroupLayout v2{
    {{2,
      {"cpuset", "cpu", "io", "memory", "pids", "hugetlb", "rdma"},
      "/u",
      "/u"}}};
// As on many machines: the controllers in v1, and a v2 tree with one of them.
const CgroupLayout hybrid{{{1, {"memory"}, "/m", "/m"},
                           {1, {"pids"}, "/p", "/p"},
                           {2, {"hugetlb"}, "/u", "/u"}}};

Resources read(const std::string& json) {
    DocumentField document =
        parse_document("{\"r\":{" + json + "}}", "doc", 1 << 20, "ask");
    return read_resources(document.at("r"));
}

template <class Act>
std::string why(Act act) {
    try {
        act();
    } catch (const Error& error) {
        CHECK_FALSE(error.advice().empty());
        return error.message();
    }
    return "accepted";
}
std::string why_not(const std::string& json) {
    return why([&] { read(json); });
}

// "file=value" of each setting; alternatives with | between them.
std::string written(const std::string& json, const CgroupLayout& layout) {
    std::vector<std::string> lines;
    for (const CgroupSetting& setting : settings_for(read(json), layout)) {
        CHECK((setting.controller == "cgroup" ||
               layout.find(setting.controller)));
        std::vector<std::string> names;
        for (const CgroupWrite& write : setting.any_of)
            names.push_back(write.file + "=" + write.value);
        lines.push_back(join(names, "|"));
    }
    return join(lines, " ");
}
std::string why_not_written(const std::string& json,
                            const CgroupLayout& layout) {
    return why([&] { written(json, layout); });
}

}  // namespace

TEST_CASE("memory: together with swap in v1, swap alone in v2") {
    struct Case {
        const char *json, *old, *now;
    };
    for (const Case& one : std::initializer_list<Case>{
             {R"("limit":100)", "memory.limit_in_bytes=100", "memory.max=100"},
             {R"("limit":100,"swap":150)",
              "memory.limit_in_bytes=100 memory.memsw.limit_in_bytes=150",
              "memory.max=100 memory.swap.max=50"},
             {R"("limit":100,"swap":100)",
              "memory.limit_in_bytes=100 memory.memsw.limit_in_bytes=100",
              "memory.max=100 memory.swap.max=0"},
             {R"("limit":100,"swap":-1)",
              "memory.limit_in_bytes=100 memory.memsw.limit_in_bytes=-1",
              "memory.max=100 memory.swap.max=max"},
             {R"("limit":-1)",
              "memory.memsw.limit_in_bytes=-1 memory.limit_in_bytes=-1",
              "memory.swap.max=max memory.max=max"},
             {R"("reservation":7)", "memory.soft_limit_in_bytes=7",
              "memory.low=7"},
             {R"("limit":0,"swap":0,"reservation":0,"kernel":0,"kernelTCP":0)",
              "", ""},
             {R"("swappiness":0,"disableOOMKiller":true,"kernelTCP":5,
                 "kernel":9)",
              "memory.kmem.tcp.limit_in_bytes=5 memory.swappiness=0 "
              "memory.oom_control=1",
              ""},
             {R"("useHierarchy":true,"checkBeforeUpdate":true)", "", ""}}) {
        std::string json = std::string("\"memory\":{") + one.json + "}";
        CHECK(written(json, v1) == one.old);
        CHECK(written(json, v2) == one.now);
    }
    CHECK(read(R"("memory":{"checkBeforeUpdate":true})")
              .memory.check_before_update);
    CHECK_THAT(why_not_written(R"("memory":{"swap":5})", v2),
               ContainsSubstring("linux.resources.memory.swap: it counts"));
    CHECK(written(R"("memory":{"swap":5})", v1) ==
          "memory.memsw.limit_in_bytes=5");
}

TEST_CASE("processors") {
    struct Case {
        const char *json, *old, *now;
    };
    for (const Case& one : std::initializer_list<Case>{
             {R"("shares":1024)", "cpu.shares=1024", "cpu.weight=39"},
             {R"("shares":1)", "cpu.shares=2", "cpu.weight=1"},
             {R"("shares":18446744073709551615)", "cpu.shares=262144",
              "cpu.weight=10000"},
             {R"("shares":0,"quota":0,"period":0)", "", ""},
             {R"("quota":5000,"period":10000,"burst":2000)",
              "cpu.cfs_period_us=10000 cpu.cfs_quota_us=5000 "
              "cpu.cfs_burst_us=2000",
              "cpu.max=5000 10000 cpu.max.burst=2000"},
             {R"("quota":5000)", "cpu.cfs_quota_us=5000",
              "cpu.max=5000 100000"},
             {R"("quota":-1)", "cpu.cfs_quota_us=-1", "cpu.max=max 100000"},
             {R"("period":7000)", "cpu.cfs_period_us=7000", "cpu.max=max 7000"},
             {R"("shares":2,"idle":1)", "cpu.shares=2 cpu.idle=1",
              "cpu.weight=1 cpu.idle=1"},
             {R"("cpus":"0-1","mems":"0")", "cpuset.cpus=0-1 cpuset.mems=0",
              "cpuset.cpus=0-1 cpuset.mems=0"}}) {
        std::string json = std::string("\"cpu\":{") + one.json + "}";
        CHECK(written(json, v1) == one.old);
        CHECK(written(json, v2) == one.now);
    }
    std::string realtime =
        R"("cpu":{"realtimePeriod":1000000,"realtimeRuntime":950000})";
    CHECK(written(realtime, v1) ==
          "cpu.rt_period_us=1000000 cpu.rt_runtime_us=950000");
    CHECK_THAT(why_not_written(realtime, v2),
               ContainsSubstring("linux.resources.cpu.realtimeRuntime: "));
    CHECK(written(R"("cpu":{"realtimePeriod":0,"realtimeRuntime":0})", v2)
              .empty());
}

TEST_CASE("disks") {
    std::string json = R"("blockIO":{"weight":500,"leafWeight":300,
        "weightDevice":[{"major":8,"minor":0,"weight":10,"leafWeight":20}],
        "throttleReadBpsDevice":[{"major":8,"minor":0,"rate":600}],
        "throttleWriteIOPSDevice":[{"major":8,"minor":16,"rate":0}]})";
    CHECK(written(json, v1) ==
          "blkio.weight=500|blkio.bfq.weight=500 blkio.leaf_weight=300 "
          "blkio.weight_device=8:0 10|blkio.bfq.weight_device=8:0 10 "
          "blkio.leaf_weight_device=8:0 20 "
          "blkio.throttle.read_bps_device=8:0 600 "
          "blkio.throttle.write_iops_device=8:16 0");
    CHECK(written(json, v2) ==
          "io.bfq.weight=500|io.weight=4950 "
          "io.bfq.weight=8:0 10|io.weight=8:0 1 "
          "io.max=8:0 rbps=600 io.max=8:16 wiops=max");
    CHECK(written(R"("blockIO":{"weight":0,"leafWeight":0})", v1).empty());
    CHECK(written(R"("blockIO":{
              "throttleWriteBpsDevice":[{"major":1,"minor":2,"rate":3}],
              "throttleReadIOPSDevice":[{"major":1,"minor":2,"rate":4}]})",
                  v2) == "io.max=1:2 wbps=3 io.max=1:2 riops=4");
}

TEST_CASE("processes, huge pages, networks, network cards") {
    CHECK(written(R"("pids":{"limit":5})", v1) == "pids.max=5");
    CHECK(written(R"("pids":{"limit":0})", v2) == "pids.max=max");
    CHECK(written(R"("pids":{"limit":-1})", v2) == "pids.max=max");
    CHECK(written(R"("pids":{})", v2).empty());
    std::string pages = R"("hugepageLimits":[{"pageSize":"2MB","limit":9}])";
    CHECK(written(pages, v1) ==
          "hugetlb.2MB.rsvd.limit_in_bytes=9|hugetlb.2MB.limit_in_bytes=9");
    CHECK(written(pages, v2) == "hugetlb.2MB.rsvd.max=9|hugetlb.2MB.max=9");
    CHECK(written(pages, hybrid) == "hugetlb.2MB.rsvd.max=9|hugetlb.2MB.max=9");
    std::string network =
        R"("network":{"classID":5,"priorities":[{"name":"e0","priority":3}]})";
    CHECK(written(network, v1) == "net_cls.classid=5 net_prio.ifpriomap=e0 3");
    CHECK(written(network, v2).empty());
    std::string rdma = R"("rdma":{"m1":{"hcaHandles":3,"hcaObjects":4},
                                  "m0":{"hcaObjects":0}})";
    for (const CgroupLayout& layout : {v1, v2})
        CHECK(written(rdma, layout) ==
              "rdma.max=m0 hca_object=0 rdma.max=m1 hca_handle=3 hca_object=4");
}

TEST_CASE("files of version 2 by their names, last of all") {
    std::string json = R"("unified":{"memory.high":"5","cgroup.max.depth":"1"},
                          "pids":{"limit":3})";
    CHECK(written(json, v2) == "pids.max=3 cgroup.max.depth=1 memory.high=5");
    CHECK(settings_for(read(json), v2)[1].controller == "cgroup");
    CHECK(written(R"("unified":{"hugetlb.1GB.max":"7"})", hybrid) ==
          "hugetlb.1GB.max=7");
    CHECK(written(R"("unified":{})", v1).empty());
    auto unsupported = [](const CgroupLayout& layout) {
        try {
            settings_for(read(R"("unified":{"memory.high":"5"})"), layout);
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::Unsupported);
            return error.message();
        }
        return std::string("accepted");
    };
    CHECK(unsupported(hybrid) ==
          "linux.resources.unified: \"memory.high\" needs the memory "
          "controller in the v2 tree, where it is not");
    CHECK(unsupported(v1) ==
          "linux.resources.unified: \"memory.high\" needs a v2 tree, and this "
          "system has none");
}

TEST_CASE("a controller that is missing matters when a value was asked for") {
    struct Case {
        const char *json, *message;
    };
    for (const Case& one : std::initializer_list<Case>{
             {R"("memory":{"limit":1})", "memory.limit: it needs the memory "},
             {R"("cpu":{"cpus":"0"})", "cpu.cpus: it needs the cpuset "},
             {R"("pids":{"limit":1})", "pids.limit: it needs the pids "},
             {R"("rdma":{"a":{"hcaHandles":1}})", "rdma: it needs the rdma "},
             {R"("network":{"classID":1})",
              "network.classID: it needs the net_cls "}})
        CHECK_THAT(why_not_written(one.json, {}),
                   ContainsSubstring(std::string("linux.resources.") +
                                     one.message + "controller"));
    CHECK_THAT(why_not_written(R"("network":{"classID":1})", hybrid),
               ContainsSubstring("net_cls"));
    CHECK(written(R"("memory":{"limit":-1,"swap":-1,"reservation":-1},
                     "cpu":{"quota":-1,"idle":0,"burst":0},"pids":{"limit":0},
                     "network":{"classID":0},"devices":[{"allow":true}])",
                  {})
              .empty());
}

TEST_CASE("devices: rules in their order, what is not said is any") {
    Resources resources = read(R"("devices":[{"allow":false},
        {"allow":true,"type":"c","major":1,"minor":3,"access":"rw"},
        {"allow":true,"type":"b","major":-1,"minor":-1,"access":"m"}])");
    REQUIRE(resources.devices.size() == 3);
    CHECK(resources.devices[0].text() == "a *:* rwm");
    CHECK_FALSE(resources.devices[0].allow);
    CHECK(resources.devices[1].text() == "c 1:3 rw");
    CHECK(resources.devices[2].text() == "b *:* m");
}

TEST_CASE("each wrong value is named") {
    struct Case {
        const char *json, *message;
    };
    for (const Case& one : std::initializer_list<Case>{
             {R"("devices":[{}])", "devices[0]: allow is missing"},
             {R"("devices":[{"allow":true,"type":"p"}])",
              "devices[0].type: \"p\" is not known"},
             {R"("devices":[{"allow":true,"access":"x"}])",
              "devices[0].access: \"x\" is not made of r, w and m"},
             {R"("devices":[{"allow":true,"access":""}])",
              "devices[0].access: \"\" is not made of r, w and m"},
             {R"("devices":[{"allow":true,"major":-2}])",
              "devices[0].major: it is no whole number from -1 to 4294967295"},
             {R"("memory":{"limit":-2})",
              "memory.limit: it is no whole number from -1 to "
              "9223372036854775807"},
             {R"("memory":{"limit":"64m"})",
              "memory.limit: it is no whole number from -1 to "
              "9223372036854775807"},
             {R"("memory":{"limit":5,"swap":4})",
              "memory.swap: it counts memory and swap together, and memory "
              "alone may be 5"},
             {R"("memory":{"limit":-1,"swap":4})",
              "memory.swap: memory alone has no limit"},
             {R"("memory":{"swappiness":101})",
              "memory.swappiness: it is no whole number from 0 to 100"},
             {R"("cpu":{"idle":2})",
              "cpu.idle: it is no whole number from 0 to 1"},
             {R"("cpu":{"quota":5,"burst":6})",
              "cpu.burst: it is more than the quota"},
             {R"("blockIO":{"weight":9})",
              "blockIO.weight: a weight is from 10 to 1000"},
             {R"("blockIO":{"weightDevice":[{"major":1,"minor":1}]})",
              "blockIO.weightDevice[0]: it has neither weight nor leafWeight"},
             {R"("blockIO":{"throttleReadBpsDevice":[{"major":1,"minor":1}]})",
              "blockIO.throttleReadBpsDevice[0]: rate is missing"},
             {R"("pids":{"limit":1.5})",
              "pids.limit: it is no whole number from -9223372036854775808 to "
              "9223372036854775807"},
             {R"("hugepageLimits":[{"pageSize":"../2MB","limit":1}])",
              "hugepageLimits[0].pageSize: \"../2MB\" is no size like 64KB, "
              "2MB, 1GB"},
             {R"("hugepageLimits":[{"pageSize":"2MB"}])",
              "hugepageLimits[0]: limit is missing"},
             {R"("network":{"priorities":[{"name":"a b","priority":1}]})",
              "network.priorities[0].name: \"a b\" is no device's name"},
             {R"("rdma":{"a\nb":{"hcaHandles":1}})",
              "rdma.\"a\\nb\": \"a\\nb\" is no device's name"},
             {R"("rdma":{"a":{}})",
              "rdma.a: it has neither hcaHandles nor hcaObjects"},
             {R"("unified":{"../memory.max":"1"})",
              "unified: \"../memory.max\" is no file of a group, as "
              "memory.high is"},
             {R"("unified":{"mem\nory.max":"1"})",
              "unified: \"mem\\nory.max\" is no file of a group, as "
              "memory.high is"},
             {R"("unified":{".":"1"})",
              "unified: \".\" is no file of a group, as memory.high is"},
             {R"("unified":{"memory.max":1})",
              "unified.memory.max: it is no text"}})
        CHECK(why_not(one.json) == std::string("doc: r.") + one.message);
}
