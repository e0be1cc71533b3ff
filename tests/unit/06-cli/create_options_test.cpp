#include "06-engine/cli/create_options.hpp"

#include "06-engine/engine/check_request.hpp"
#include "common/files.hpp"
#include "unit/06-cli/refusal.hpp"

using namespace slipway;
using Texts = std::vector<std::string>;

namespace {

// As `slipway run` would read it; what is printed on the way is lost.
CreateCommandLine run_line(Texts words) {
    CommandLine line("slipway run", "IMAGE", "Runs.");
    CreateCommandLine options;
    declare_run_options(line, options);
    declare_create_options(line, options);
    words.insert(words.begin(), "slipway");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    std::optional<Error> failure;
    int status = run_program(line, static_cast<int>(argv.size()), argv.data(),
                             [&](auto& rest) {
                                 try {
                                     finish_create_options(line, options, rest);
                                 } catch (const Error& error) {
                                     failure = error;
                                 }
                                 return 0;
                             });
    if (failure) throw Error(*failure);
    if (status != 0) throw Error(ErrorKind::InvalidArgument, "not understood");
    return options;
}

std::string why_not(const Texts& words) {
    return refusal([&] { run_line(words); });
}

}  // namespace

TEST_CASE("a line as people type it") {
    CreateCommandLine options = run_line({"-dit",         "--rm",
                                          "--name",       "web",
                                          "-p",           "8080:80",
                                          "-p=53:53/udp", "-e",
                                          "A=1",          "--env=B=2",
                                          "-v",           "data:/data",
                                          "-m",           "64m",
                                          "--cpus=1",     "--net",
                                          "front",        "--network-alias",
                                          "www",          "--ip",
                                          "10.0.0.5",     "-w",
                                          "/srv",         "-u",
                                          "www",          "--label",
                                          "k=v",          "--entrypoint=",
                                          "-h",           "host",
                                          "nginx:latest", "sh",
                                          "-c",           "echo -p"});
    CHECK(options.run.detach);
    CHECK(options.run.sig_proxy);
    const CreateRequest& request = options.request;
    CHECK(request.tty);
    CHECK(request.open_stdin);
    CHECK(request.host.auto_remove);
    CHECK(request.name == "web");
    CHECK(request.image == "nginx:latest");
    CHECK(request.typed.command == Texts{"sh", "-c", "echo -p"});
    CHECK(request.typed.environment == Texts{"A=1", "B=2"});
    CHECK(request.typed.entrypoint == "");
    CHECK(request.typed.workdir == "/srv");
    CHECK(request.typed.user == "www");
    CHECK(request.hostname == "host");
    CHECK(request.labels.at("k") == "v");
    CHECK(request.expose == std::set<std::string>{"80/tcp", "53/udp"});
    CHECK(request.host.ports.size() == 2);
    CHECK(request.host.mounts.size() == 1);
    CHECK(request.host.resources.memory == 64 << 20);
    CHECK(request.host.resources.nano_cpus == 1'000'000'000);
    CHECK(request.host.network_mode == "front");
    CHECK(request.host.networks ==
          std::vector<NetworkRequest>{
              {.network = "front", .aliases = {"www"}, .ip = "10.0.0.5"}});
    CHECK(options.corrected.empty());
}

TEST_CASE("with nothing said there is a bridge") {
    CreateRequest request = run_line({"nginx"}).request;
    CHECK(request.host.network_mode == "bridge");
    CHECK(request.host.networks ==
          std::vector<NetworkRequest>{{.network = "bridge"}});
    HostConfig host;
    host.networks = request.host.networks;
    CHECK(request.host == host);
    CHECK(request.pull == "missing");
    CHECK(run_line({"--net=none", "x"}).request.host.networks.empty());
    CHECK(run_line({"--net=container:a", "x"}).request.host.network_mode ==
          "container:a");
}

TEST_CASE("files come before what is typed, whatever the order") {
    TempDir dir("options");
    write_file_atomic(dir.path() + "/env", "A=file\nB=file\n");
    write_file_atomic(dir.path() + "/labels", "a=file\nb=file\n");
    CreateRequest request =
        run_line({"-e", "A=typed", "--env-file", dir.path() + "/env", "-l",
                  "a=typed", "--label-file", dir.path() + "/labels", "x"})
            .request;
    CHECK(request.typed.environment == Texts{"A=file", "B=file", "A=typed"});
    CHECK(request.labels ==
          std::map<std::string, std::string>{{"a", "typed"}, {"b", "file"}});
}

TEST_CASE("capabilities: each once, and what is added is not dropped") {
    HostConfig host =
        run_line({"--cap-add", "net_admin", "--cap-add", "NET_ADMIN",
                  "--cap-drop", "chown", "--cap-drop", "net_admin", "x"})
            .request.host;
    CHECK(host.cap_add == Texts{"CAP_NET_ADMIN"});
    CHECK(host.cap_drop == Texts{"CAP_CHOWN"});
    host = run_line(
               {"--cap-drop", "all", "--cap-drop=chown", "--cap-add=kill", "x"})
               .request.host;
    CHECK(host.cap_drop == Texts{"ALL"});
    CHECK(host.cap_add == Texts{"CAP_KILL"});
}

TEST_CASE("health: from the options, or none at all") {
    Healthcheck health =
        run_line({"--health-cmd", "curl x", "--health-interval=1m30s",
                  "--health-retries", "5", "--health-timeout", "500ms",
                  "--health-start-period=2s", "--health-start-interval=1s",
                  "x"})
            .request.health;
    CHECK(health == Healthcheck{{"CMD-SHELL", "curl x"},
                                90'000'000'000,
                                500'000'000,
                                2'000'000'000,
                                1'000'000'000,
                                5});
    CHECK(run_line({"--no-healthcheck", "x"}).request.health.test ==
          Texts{"NONE"});
    CHECK_THAT(why_not({"--no-healthcheck", "--health-retries=1", "x"}),
               ContainsSubstring("contradict"));
}

TEST_CASE("what contradicts itself is refused") {
    struct Row {
        Texts words;
        std::string reason;
    };
    Row row = GENERATE(
        Row{{}, "no IMAGE"}, Row{{"--rm", "--restart", "always", "x"}, "--rm"},
        Row{{"-d", "-a", "stdout", "x"}, "--detach"},
        Row{{"--cpus", "1", "--cpu-period", "1000", "x"}, "--cpu-period"},
        Row{{"--cpus", "1", "--cpu-quota", "1000", "x"}, "--cpu-quota"},
        Row{{"--cpus", "10000", "x"}, "this machine has"},
        Row{{"-m", "5m", "x"}, "6 MiB"},
        Row{{"-m", "64m", "--memory-swap", "32m", "x"}, "memory and swap"},
        Row{{"--memory-swap", "32m", "x"}, "needs a limit on memory"},
        Row{{"-m", "64m", "--memory-reservation", "65m", "x"}, "reservation"},
        Row{{"--memory-reservation", "5m", "x"}, "6 MiB"},
        Row{{"--cpu-period", "999", "x"}, "1000 to 1000000"},
        Row{{"--cpu-quota", "999", "x"}, "below 1000"},
        Row{{"--blkio-weight", "9", "x"}, "10 to 1000"},
        Row{{"--net", "container:a", "-p", "80", "x"}, "-p"},
        Row{{"--net", "container:a", "-P", "x"}, "-p"},
        Row{{"--net", "container:a", "-h", "b", "x"}, "--hostname"},
        Row{{"--net", "container:a", "--dns", "1.1.1.1", "x"}, "--dns"},
        Row{{"--net", "container:a", "--add-host", "b:1.1.1.1", "x"},
            "--add-host"},
        Row{{"--net", "container:a", "--expose", "80", "x"}, "--expose"},
        Row{{"--net", "container:a", "--link", "b", "x"}, "--link"},
        Row{{"--net", "container:a", "--mac-address", "02:42:ac:11:00:02", "x"},
            "--mac-address"},
        Row{{"--net", "host", "--link", "b", "x"}, "--link"},
        Row{{"--net", "host", "--ip", "1.2.3.4", "x"}, "--ip"},
        Row{{"--ip", "1.2.3.4", "x"}, "network create"},
        Row{{"--network-alias", "a", "x"}, "network create"},
        Row{{"--net", "a", "--net", "a", "x"}, "given twice"},
        Row{{"--net", "a", "--net", "host", "x"}, "several networks"},
        Row{{"--net", "bridge", "--net", "b", "x"}, "several networks"},
        Row{{"--net", "name=a,ip=1.2.3.4", "--ip", "1.2.3.5", "x"},
            "same field"},
        Row{{"--net", "name=a,alias=b", "--network-alias", "c", "x"},
            "same field"},
        Row{{"--uts", "host", "-h", "a", "x"}, "rename the host"},
        Row{{"--net", "host", "--sysctl", "net.ipv4.ip_forward=1", "x"},
            "change the host"},
        Row{{"--ipc", "host", "--sysctl", "kernel.shmmax=1", "x"},
            "change the host"},
        Row{{"--cidfile", "/etc/passwd", "x"}, "is there already"},
        Row{{"--log-driver", "syslog", "x"}, "not supported"});
    CHECK_THAT(why_not(row.words), ContainsSubstring(row.reason));
}

TEST_CASE("what does nothing is said") {
    CHECK(run_line({"--net", "host", "-p", "80", "x"}).warnings.size() == 1);
    CHECK(run_line({"--net", "none", "-P", "x"}).warnings.size() == 1);
    CHECK(run_line({"--oom-kill-disable", "x"}).warnings.size() == 1);
    CHECK(run_line({"--oom-kill-disable", "-m", "64m", "x"}).warnings.empty());
}

TEST_CASE("options behind the image: the line that was meant") {
    struct Row {
        Texts words;
        std::string corrected;
    };
    Row row = GENERATE(
        Row{{"nginx", "-p", "80:80"}, "slipway run -p 80:80 nginx"},
        Row{{"-d", "nginx", "-p", "80:80", "--rm", "sh", "-c", "a b"},
            "slipway run -d -p 80:80 --rm nginx sh -c 'a b'"},
        Row{{"nginx", "--name=web"}, "slipway run --name=web nginx"},
        Row{{"nginx", "-it", "sh"}, "slipway run -it nginx sh"},
        Row{{"nginx", "-itp", "80:80"}, "slipway run -itp 80:80 nginx"},
        Row{{"nginx", "-p80:80"}, "slipway run -p80:80 nginx"},
        Row{{"nginx", "sh", "-p"}, ""}, Row{{"nginx", "--no-such"}, ""},
        Row{{"nginx", "-"}, ""}, Row{{"nginx", "-p"}, "slipway run -p nginx"});
    CreateCommandLine options = run_line(row.words);
    CHECK(options.corrected == row.corrected);
    RunConfig shell, program;
    shell.cmd = {"sh"};
    program.entrypoint = {"nginx"};
    CHECK_NOTHROW(check_command(options, program));
    if (row.corrected.empty())
        CHECK_NOTHROW(check_command(options, shell));
    else
        CHECK_THAT(refusal([&] { check_command(options, shell); }),
                   ContainsSubstring(row.corrected));
}
