// exec, update, network create and connect, volume create.
#include "06-engine/cli/exec_options.hpp"
#include "06-engine/cli/object_options.hpp"
#include "unit/06-cli/refusal.hpp"

using namespace slipway;
using Texts = std::vector<std::string>;

namespace {

// Reads a line: the words behind the options.
template <class Line>
Texts read_line(void (*declare)(CommandLine&, Line&), Line& to, Texts words) {
    CommandLine line("slipway", "", "");
    declare(line, to);
    words.insert(words.begin(), "slipway");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    Texts rest;
    int status = run_program(line, static_cast<int>(argv.size()), argv.data(),
                             [&](auto& left) {
                                 rest = left;
                                 return 0;
                             });
    if (status != 0) throw Error(ErrorKind::InvalidArgument, "not understood");
    return rest;
}

}  // namespace

TEST_CASE("exec: options end at the container") {
    ExecLine exec;
    finish_exec(exec, read_line(declare_exec, exec,
                                {"-it", "-e", "A=1", "-u", "www", "-w", "/srv",
                                 "--privileged", "--detach-keys=ctrl-a", "web",
                                 "sh", "-c", "x"}));
    CHECK(exec.interactive);
    CHECK(exec.tty);
    CHECK_FALSE(exec.detach);
    CHECK(exec.privileged);
    CHECK(exec.environment == Texts{"A=1"});
    CHECK(exec.user == "www");
    CHECK(exec.workdir == "/srv");
    CHECK(exec.detach_keys == "ctrl-a");
    CHECK(exec.container == "web");
    CHECK(exec.command == Texts{"sh", "-c", "x"});
    CHECK_THAT(refusal([&] { finish_exec(exec, {}); }),
               ContainsSubstring("no CONTAINER"));
    CHECK_THAT(refusal([&] { finish_exec(exec, {"web"}); }),
               ContainsSubstring("no COMMAND"));
    exec.workdir = "srv";
    CHECK_THAT(refusal([&] {
                   finish_exec(exec, {"web", "sh"});
               }),
               ContainsSubstring("not absolute"));
}

TEST_CASE("update: what is not given stays") {
    UpdateLine update;
    finish_update(update,
                  read_line(declare_update, update,
                            {"-m", "1g", "--pids-limit", "-1", "a", "b"}));
    ResourceRequest wanted;
    wanted.memory = 1 << 30;
    wanted.pids_limit = -1;
    CHECK(update.resources == wanted);
    CHECK_FALSE(update.restart);
    CHECK(update.containers == Texts{"a", "b"});
    UpdateLine policy;
    finish_update(policy, read_line(declare_update, policy,
                                    {"--restart=on-failure:2", "a"}));
    CHECK(policy.restart == RestartPolicy{"on-failure", 2});
    UpdateLine nothing;
    CHECK_THAT(refusal([&] { finish_update(nothing, {"a"}); }),
               ContainsSubstring("nothing is to change"));
    CHECK_THAT(refusal([&] { finish_update(policy, {}); }),
               ContainsSubstring("no CONTAINER"));
}

TEST_CASE("network create: addresses by family") {
    NetworkCreateLine create;
    finish_network_create(
        create,
        read_line(declare_network_create, create,
                  {"--subnet", "10.9.0.0/24", "--subnet", "fd00:9::/64",
                   "--gateway=10.9.0.1", "--ip-range=10.9.0.128/25",
                   "--internal", "--label", "a", "-o", "k=v", "front"}));
    const NewNetwork& network = create.network;
    CHECK(network.name == "front");
    CHECK(network.subnet == "10.9.0.0/24");
    CHECK(network.subnet6 == "fd00:9::/64");
    CHECK(network.gateway == "10.9.0.1");
    CHECK(network.ip_range == "10.9.0.128/25");
    CHECK(network.ipv6);
    CHECK(network.internal);
    CHECK(network.labels.at("a").empty());
    CHECK(network.options.at("k") == "v");
    CHECK(network.driver == "bridge");
    struct Row {
        Texts words;
        std::string reason;
    };
    Row row =
        GENERATE(Row{{}, "no NETWORK"}, Row{{"a", "b"}, "too many"},
                 Row{{"--gateway", "10.0.0.1", "a"}, "needs a --subnet"},
                 Row{{"--ip-range", "10.0.0.0/25", "a"}, "needs a"},
                 Row{{"--subnet=10.0.0.0/24", "--subnet=10.1.0.0/24", "a"},
                     "one of each"});
    NetworkCreateLine bad;
    CHECK_THAT(refusal([&] {
                   finish_network_create(
                       bad, read_line(declare_network_create, bad, row.words));
               }),
               ContainsSubstring(row.reason));
}

TEST_CASE("network connect and volume create") {
    NetworkConnectLine connect;
    finish_network_connect(
        connect, read_line(declare_network_connect, connect,
                           {"--alias", "www", "--ip", "10.9.0.5", "--link",
                            "db", "front", "web"}));
    CHECK(connect.container == "web");
    CHECK(connect.request == NetworkRequest{.network = "front",
                                            .aliases = {"www"},
                                            .ip = "10.9.0.5"});
    CHECK(connect.links == Texts{"db:db"});
    CHECK_THAT(refusal([&] { finish_network_connect(connect, {"front"}); }),
               ContainsSubstring("no CONTAINER"));
    Volume volume{.name = ""};
    finish_volume_create(volume, read_line(declare_volume_create, volume,
                                           {"--label", "a=b", "data"}));
    CHECK(volume.name == "data");
    CHECK(volume.labels.at("a") == "b");
    CHECK_THAT(refusal([&] {
                   finish_volume_create(volume, {"a", "b"});
               }),
               ContainsSubstring("too many"));
    CHECK_FALSE(
        refusal([&] { finish_volume_create(volume, {"a/b"}); }).empty());
}
