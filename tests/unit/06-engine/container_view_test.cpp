// Against what docker 28.2 printed for the same containers.
#include "06-engine/engine/container_view.hpp"

#include <nlohmann/json.hpp>

#include "06-engine/engine/container_filters.hpp"
#include "common/error.hpp"
#include "common/times.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using nlohmann::ordered_json;

namespace {

const std::time_t now = *parse_time("2026-01-02T03:04:05Z");

ContainerRecord web() {
    ContainerRecord record;
    record.id = std::string(64, 'a');
    record.name = "web";
    record.created = "2026-01-02T03:00:05.000000006Z";
    record.image = "nginx:1";
    record.image_id = Digest::of("config").text();
    record.image_manifest = Digest::of("manifest").text();
    record.layers = {Digest::of("1"), Digest::of("2")};
    record.config.cmd = {"sh", "-c", "sleep 1000; echo \"x\""};
    record.config.labels = {{"a", "b"}, {"x.y", "z,1"}};
    record.config.exposed_ports = {"80/tcp", "8080/tcp"};
    return record;
}

ContainerStatusView running() {
    ContainerStatusView status;
    status.status = "running";
    status.pid = 42;
    status.started = "2026-01-02T03:02:05Z";
    status.bound_ports = {{80, "tcp", "0.0.0.0", 8000},
                          {80, "tcp", "::", 8000}};
    status.mounts = {{.type = "volume",
                      .name = "data",
                      .source = "/v/data/_data",
                      .destination = "/data",
                      .driver = "local",
                      .mode = "z"},
                     {.type = "bind",
                      .source = "/tmp/a/long/name/here",
                      .destination = "/host",
                      .mode = "ro",
                      .read_only = true,
                      .propagation = "rprivate"}};
    status.endpoints = {{.network = "bridge",
                         .network_id = "0123",
                         .ip = "172.17.0.2",
                         .gateway = "172.17.0.1",
                         .prefix_length = 16}};
    return status;
}

bool wanted(const char* filter, const ContainerStatusView& status) {
    INFO(filter);
    Filters filters = container_filters();
    filters.add(filter);
    check_container_filters(filters);
    std::vector<AncestorImage> ancestors;
    if (std::string(filter) == "ancestor=base")
        ancestors.push_back({"other", {Digest::of("1")}});
    return is_wanted(filters, ancestors, web(), status);
}

}  // namespace

TEST_CASE("ports are grouped as Docker groups them") {
    CHECK(
        grouped_ports({"8080/tcp", "7001/tcp", "7000/tcp", "7002/tcp", "90/udp",
                       "80/tcp", "8081/tcp", "8082/tcp", "8083/tcp"},
                      {{80, "tcp", "0.0.0.0", 8080},
                       {80, "tcp", "::", 8080},
                       {8081, "tcp", "0.0.0.0", 8081},
                       {8081, "tcp", "::", 8081},
                       {8082, "tcp", "0.0.0.0", 8082},
                       {8082, "tcp", "::", 8082},
                       {8083, "tcp", "0.0.0.0", 8083},
                       {8083, "tcp", "::", 8083},
                       {90, "udp", "127.0.0.1", 9000}}) ==
        "7000-7002/tcp, 8080/tcp, 0.0.0.0:8081-8083->8081-8083/tcp, "
        "[::]:8081-8083->8081-8083/tcp, 0.0.0.0:8080->80/tcp, "
        "[::]:8080->80/tcp, 127.0.0.1:9000->90/udp");
    CHECK(grouped_ports({"1/tcp", "2/tcp", "4/tcp", "1/udp"}, {}) ==
          "1-2/tcp, 4/tcp, 1/udp");
    CHECK(grouped_ports({}, {{53, "udp", "", 53}}) == "0.0.0.0:53->53/udp");
    CHECK(grouped_ports({}, {}).empty());
    std::vector<std::string> lines =
        port_lines({{8081, "tcp", "::", 8081},
                    {80, "tcp", "0.0.0.0", 8080},
                    {90, "udp", "127.0.0.1", 9000}});
    CHECK(lines == std::vector<std::string>{"80/tcp -> 0.0.0.0:8080",
                                            "90/udp -> 127.0.0.1:9000",
                                            "8081/tcp -> [::]:8081"});
}

TEST_CASE("a container's status in Docker's words") {
    ContainerStatusView status = running();
    CHECK(status_text(status, now) == "Up 2 minutes");
    status.health = HealthView{"healthy"};
    CHECK(status_text(status, now) == "Up 2 minutes (healthy)");
    status.health->status = "starting";
    CHECK(status_text(status, now) == "Up 2 minutes (health: starting)");
    status.status = "paused";
    CHECK(status_text(status, now) == "Up 2 minutes (Paused)");
    status.finished = "2026-01-02T03:04:01Z";
    status.exit_code = 137;
    status.status = "exited";
    CHECK(status_text(status, now) == "Exited (137) 4 seconds ago");
    status.oom_killed = true;
    CHECK(status_text(status, now) ==
          "Exited (137) 4 seconds ago (out of memory)");
    status.status = "restarting";
    CHECK(status_text(status, now) == "Restarting (137) 4 seconds ago");
    status.status = "dead";
    CHECK(status_text(status, now) == "Dead");
    CHECK(status_text({}, now) == "Created");
}

TEST_CASE("a container's row") {
    ordered_json row = container_row(web(), running(), false, now);
    CHECK(row["ID"] == "aaaaaaaaaaaa");
    CHECK(row["Command"] == "\"sh -c 'sleep 1000; …\"");
    CHECK(row["RunningFor"] == "4 minutes ago");
    CHECK(row["Ports"] == "8080/tcp, 0.0.0.0:8000->80/tcp, [::]:8000->80/tcp");
    CHECK(row["Names"] == "web");
    CHECK(row["Labels"] == "a=b,x.y=z,1");
    CHECK(row[".Label"]["x.y"] == "z,1");
    CHECK(row["Mounts"] == "data,/tmp/a/long/na…");
    CHECK(row["LocalVolumes"] == "1");
    CHECK(row["Networks"] == "bridge");
    CHECK(row["Size"] == "0B");
    row = container_row(web(), running(), true, now);
    CHECK(row["ID"] == std::string(64, 'a'));
    CHECK(row["Command"] == "\"sh -c 'sleep 1000; echo \\\"x\\\"'\"");
    ContainerStatusView sized = running();
    sized.size_writable = 0;
    sized.size_total = 1982312;
    CHECK(container_row(web(), sized, true, now)["Size"] ==
          "0B (virtual 1.98MB)");
    ContainerRecord host = web();
    host.host.network_mode = "host";
    CHECK(container_row(host, running(), true, now)["Ports"] == "");
    host.image = "nginx@sha256:0123";
    CHECK(container_row(host, {}, false, now)["Image"] == "nginx");
}

TEST_CASE("text is cut with a sign that there is more") {
    CHECK(ellipsis("abc", 3) == "abc");
    CHECK(ellipsis("abcd", 3) == "ab…");
    CHECK(ellipsis("äöüß", 4) == "äöüß");
    CHECK(ellipsis("äöüßx", 4) == "äöü…");
    CHECK(ellipsis("", 3).empty());
}

TEST_CASE("inspect has Docker's fields") {
    ordered_json object = inspect_container(web(), running());
    CHECK(object["Path"] == "sh");
    CHECK(object["Args"] == ordered_json({"-c", "sleep 1000; echo \"x\""}));
    CHECK(object["Name"] == "/web");
    CHECK(object["State"]["Running"] == true);
    CHECK(object["State"]["FinishedAt"] == "0001-01-01T00:00:00Z");
    CHECK_FALSE(object["State"].contains("Health"));
    CHECK(object["NetworkSettings"]["Ports"].dump() ==
          R"({"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8000"},)"
          R"({"HostIp":"::","HostPort":"8000"}],"8080/tcp":null})");
    CHECK(object["NetworkSettings"]["IPAddress"] == "172.17.0.2");
    CHECK(object["NetworkSettings"]["Networks"]["bridge"]["IPPrefixLen"] == 16);
    CHECK(object["Mounts"][0]["Name"] == "data");
    CHECK(object["Mounts"][1]["RW"] == false);
    CHECK_FALSE(object["Mounts"][1].contains("Name"));
    CHECK(object["HostConfig"]["NetworkMode"] == "bridge");
    CHECK(object["HostConfig"]["MaskedPaths"].size() == 12);
    CHECK(object["HostConfig"]["IpcMode"] == "private");
    CHECK(object["HostConfig"]["CgroupnsMode"] == "private");
    CHECK(object["Config"]["Image"] == "nginx:1");
    CHECK_FALSE(object.contains("SizeRw"));

    ContainerStatusView ended;
    ended.status = "exited";
    ended.health = HealthView{"unhealthy", 3, {{"s", "e", 1, "no"}}};
    ended.size_writable = 5;
    ended.reason = "killed by signal 9";
    object = inspect_container(web(), ended);
    CHECK(object["NetworkSettings"]["Ports"].empty());
    CHECK(object["NetworkSettings"]["Networks"]["bridge"]["IPAddress"] == "");
    CHECK(object["State"]["Health"]["Log"][0]["Output"] == "no");
    CHECK(object["SizeRw"] == 5);
    CHECK(object["Slipway"]["Reason"] == "killed by signal 9");
    ContainerRecord open = web();
    open.host.privileged = true;
    CHECK(inspect_container(open, ended)["HostConfig"]["MaskedPaths"].empty());
}

TEST_CASE("filters choose containers") {
    ContainerStatusView status = running();
    status.health = HealthView{"healthy"};
    for (const char* filter :
         {"name=we", "name=^/web$", "name=^web$", "id=aaa", "label=a",
          "label=x.y=z,1", "status=running", "health=healthy", "volume=data",
          "volume=/host", "network=bridge", "network=012", "publish=8000",
          "publish=7990-8010/tcp", "expose=8080", "expose=80/tcp",
          "ancestor=nginx:1", "ancestor=base", "is-task=false"})
        CHECK(wanted(filter, status));
    for (const char* filter :
         {"name=wx", "id=bbb", "label=b", "label=a=c", "status=paused",
          "health=none", "volume=x", "network=other", "publish=80",
          "publish=8000/udp", "expose=81", "ancestor=other", "is-task=true",
          "exited=0"})
        CHECK_FALSE(wanted(filter, status));
    for (const char* filter : {"status=up", "health=bad", "exited=x",
                               "publish=x", "expose=3-1", "is-task=x"})
        CHECK_THROWS_AS(wanted(filter, status), Error);
    status.status = "exited";
    status.exit_code = 3;
    CHECK(wanted("exited=3", status));
    CHECK_FALSE(wanted("exited=0", status));
    CHECK(created_between(web(), "2026-01-02T03:00:05.000000005Z", {}));
    CHECK_FALSE(created_between(web(), {}, "2026-01-02T03:00:05.000000005Z"));
}
