#include "06-engine/engine/record.hpp"

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

ContainerRecord plain() {
    ContainerRecord record;
    record.id = std::string(64, 'a');
    record.name = "web";
    record.created = "2026-01-02T03:04:05.000000006Z";
    record.image = "nginx";
    record.image_id = Digest::of("config").text();
    record.image_manifest = Digest::of("manifest").text();
    record.layers = {Digest::of("1"), Digest::of("2")};
    return record;
}

void fill_config(ContainerRecord& record) {
    record.config.user = "www:www";
    record.config.exposed_ports = {"80/tcp", "53/udp"};
    record.config.env = {"A=1", "B="};
    record.config.entrypoint = {"/bin/sh", "-c"};
    record.config.cmd = {"echo \"hi\""};
    record.config.volumes = {"/data"};
    record.config.working_dir = "/srv";
    record.config.labels = {{"a", "b"}};
    record.config.stop_signal = "SIGINT";
    record.config.healthcheck = Healthcheck{{"CMD", "true"}, 1, 2, 3, 4, 5};
    record.hostname = "host";
    record.domainname = "example.org";
    record.tty = record.open_stdin = record.stdin_once = true;
    record.attach_stdin = true;
    record.attach_stdout = record.attach_stderr = false;
    record.stop_timeout = 0;
}

void fill_network(HostConfig& host) {
    host.network_mode = "front";
    host.networks = {
        {"front", {"web", "www"}, "10.1.0.5", "fd00::5", "02:42:ac:11:00:02"},
        {"back", {}, {}, {}, {}, {{"k", "v"}}}};
    host.ports = {{53, "udp"},
                  {80, "tcp", "127.0.0.1", 8080},
                  {80, "tcp", "::1", 8080},
                  {90, "tcp", {}, 9000, 9010}};
    host.publish_all = true;
    host.dns = {"1.1.1.1"};
    host.dns_search = {"a.b"};
    host.dns_options = {"ndots:1"};
    host.extra_hosts = {"a:1.2.3.4", "b:host-gateway"};
    host.links = {"db:database"};
}

void fill_limits(HostConfig& host) {
    host.resources = {.memory = 64 << 20,
                      .memory_swap = -1,
                      .memory_reservation = 32 << 20,
                      .memory_swappiness = 0,
                      .nano_cpus = 1'500'000'000,
                      .cpu_shares = 512,
                      .cpu_period = 1000,
                      .cpu_quota = -1,
                      .cpu_rt_period = 1,
                      .cpu_rt_runtime = 2,
                      .cpuset_cpus = "0-1",
                      .cpuset_mems = "0",
                      .pids_limit = 100,
                      .blkio_weight = 10,
                      .blkio_weight_device = {{"/dev/sda", 500}},
                      .read_bps = {{"/dev/sda", 1}},
                      .write_bps = {{"/dev/sda", 2}},
                      .read_iops = {{"/dev/sda", 3}},
                      .write_iops = {{"/dev/sda", 4}},
                      .oom_kill_disable = true};
    host.ulimits = {{"nofile", 1, 2}, {"core", -1, -1}};
    host.oom_score_adj = -500;
    host.cgroup_parent = "/x";
    host.devices = {{"/dev/null", "/dev/nothing", "rw"}};
    host.device_cgroup_rules = {"c 1:3 rwm"};
    host.shm_size = 1 << 20;
}

void fill_rest(HostConfig& host) {
    host.volumes_from = {"other:ro"};
    host.read_only_root = true;
    host.pid_mode = "host";
    host.ipc_mode = "shareable";
    host.uts_mode = "host";
    host.userns_mode = "private";
    host.cgroupns_mode = "host";
    host.cap_add = {"CAP_SYS_ADMIN"};
    host.cap_drop = {"ALL"};
    host.privileged = true;
    host.security_options = {"no-new-privileges"};
    host.seccomp_profile = "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}";
    host.sysctls = {{"net.ipv4.ip_forward", "1"}};
    host.group_add = {"audio", "7"};
    host.restart = {"on-failure", 3};
    host.auto_remove = host.init = true;
    host.log_driver = "none";
    host.log_options = {{"max-size", "1m"}};
    host.runtime = "/usr/bin/crun";
    host.isolation = "chroot+pid";
    host.annotations = {{"x", "y"}};
}

std::vector<MountRequest> all_mounts() {
    return {
        {.type = "bind", .source = "/a", .target = "/b", .create_source = true},
        {.source = "data", .target = "/data", .read_only = true},
        {.type = "tmpfs",
         .target = "/run",
         .tmpfs_options = {"size=64m", "noexec"}},
        {.target = "/anonymous"},
        {.type = "bind",
         .source = "/a:b",
         .target = "/c",
         .create_source = true},
        {.type = "bind",
         .source = "/a",
         .target = "/d",
         .read_only = true,
         .propagation = "rslave",
         .recursive = "writable",
         .match_user = true},
        {.type = "bind",
         .source = "/a",
         .target = "/e",
         .recursive = "readonly"},
        {.type = "bind",
         .source = "/a",
         .target = "/f",
         .recursive = "disabled"},
        {.source = "more",
         .target = "/g",
         .no_copy = true,
         .match_user = true,
         .subpath = "x/y",
         .labels = {{"l", "m"}},
         .driver = "local",
         .driver_options = {{"type", "tmpfs"}}},
        {.type = "tmpfs", .target = "/h", .tmpfs_size = 5, .tmpfs_mode = 0},
        {.type = "image", .source = "alpine", .target = "/i", .subpath = "etc"},
        {.source = "1f2e", .anonymous = true, .target = "/made"}};
}

ContainerRecord again(const ContainerRecord& record) {
    return parse_record(record_json(record).dump());
}

void same(const ContainerRecord& left, const ContainerRecord& right) {
    CHECK(left.id == right.id);
    CHECK(left.name == right.name);
    CHECK(left.created == right.created);
    CHECK(left.image == right.image);
    CHECK(left.image_id == right.image_id);
    CHECK(left.image_manifest == right.image_manifest);
    CHECK(left.layers == right.layers);
    CHECK(left.config == right.config);
    CHECK(left.hostname == right.hostname);
    CHECK(left.domainname == right.domainname);
    CHECK(left.tty == right.tty);
    CHECK(left.open_stdin == right.open_stdin);
    CHECK(left.stdin_once == right.stdin_once);
    CHECK(left.attach_stdin == right.attach_stdin);
    CHECK(left.attach_stdout == right.attach_stdout);
    CHECK(left.attach_stderr == right.attach_stderr);
    CHECK(left.stop_timeout == right.stop_timeout);
    CHECK(left.host.resources == right.host.resources);
    CHECK(left.host.mounts == right.host.mounts);
    CHECK(left.host.ports == right.host.ports);
    CHECK(left.host.networks == right.host.networks);
    CHECK(left.host == right.host);
}

std::string refusal(const std::string& text) {
    try {
        parse_record(text);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::DataLoss);
        CHECK_FALSE(error.advice().empty());
        return error.message();
    }
    return "";
}

}  // namespace

TEST_CASE("a record is the same when it is read again") {
    ContainerRecord record = plain();
    same(again(record), record);
    fill_config(record);
    fill_network(record.host);
    fill_limits(record.host);
    fill_rest(record.host);
    record.host.mounts = all_mounts();
    same(again(record), record);
}

TEST_CASE("nothing is one thing, 0 another, where Docker has both") {
    ContainerRecord record = plain();
    record.stop_timeout.reset();
    CHECK_FALSE(again(record).stop_timeout);
    record.stop_timeout = 0;
    CHECK(again(record).stop_timeout == 0);
    record.host.resources.memory_swappiness = 0;
    record.host.resources.pids_limit = -1;
    ResourceRequest read = again(record).host.resources;
    CHECK(read.memory_swappiness == 0);
    CHECK(read.pids_limit == -1);
    CHECK_FALSE(read.memory);
}

TEST_CASE("the document has Docker's fields, zeros and all") {
    nlohmann::ordered_json json = record_json(plain());
    CHECK(json["Name"] == "/web");
    CHECK(json["Config"]["Image"] == "nginx");
    CHECK(json["Config"]["Cmd"].is_null());
    CHECK(json["Config"]["Labels"].is_object());
    nlohmann::ordered_json& host = json["HostConfig"];
    CHECK(host["Binds"].is_null());
    CHECK(host["NetworkMode"] == "bridge");
    CHECK(host["Memory"] == 0);
    CHECK(host["PidsLimit"].is_null());
    CHECK(host["Dns"].is_array());
    CHECK(host["CapAdd"].is_null());
    CHECK(host["PortBindings"].is_object());
    CHECK(host["LogConfig"]["Config"].is_object());
    CHECK(host["RestartPolicy"]["Name"] == "no");
    CHECK(host["ShmSize"] == 64 << 20);
    CHECK_FALSE(host.contains("Mounts"));
    CHECK_FALSE(host.contains("Init"));
}

TEST_CASE("ports, binds and the profile are written as Docker writes them") {
    ContainerRecord record = plain();
    fill_network(record.host);
    fill_rest(record.host);
    record.host.mounts = all_mounts();
    nlohmann::ordered_json json = record_json(record);
    nlohmann::ordered_json& host = json["HostConfig"];
    CHECK(host["PortBindings"]["80/tcp"][1]["HostIp"] == "::1");
    CHECK(host["PortBindings"]["80/tcp"][1]["HostPort"] == "8080");
    CHECK(host["PortBindings"]["53/udp"][0]["HostPort"] == "");
    CHECK(host["PortBindings"]["90/tcp"][0]["HostPort"] == "9000-9010");
    CHECK(host["Binds"].dump() == R"(["/a:/b","data:/data:ro"])");
    CHECK(host["Tmpfs"]["/run"] == "size=64m,noexec");
    CHECK(host["SecurityOpt"][1] ==
          "seccomp={\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
    CHECK(host["Mounts"][2]["BindOptions"]["ReadOnlyNonRecursive"] == true);
    CHECK(host["Mounts"][5]["VolumeOptions"]["DriverConfig"]["Name"] ==
          "local");
}

TEST_CASE("a broken record says which field it is") {
    CHECK_THAT(refusal("{"), ContainsSubstring("container.json"));
    CHECK_THAT(refusal("{}"), ContainsSubstring("Id"));
    nlohmann::ordered_json json = record_json(plain());
    json["HostConfig"]["Memory"] = "much";
    CHECK_THAT(refusal(json.dump()), ContainsSubstring("HostConfig.Memory"));
    json = record_json(plain());
    json["HostConfig"]["PortBindings"] = {{"http/tcp", {{{"HostIp", ""}}}}};
    CHECK_THAT(refusal(json.dump()), ContainsSubstring("is no port"));
    json = record_json(plain());
    json["HostConfig"]["Binds"] = {"a:b:c:d"};
    CHECK_THAT(refusal(json.dump()), ContainsSubstring("colons"));
}
