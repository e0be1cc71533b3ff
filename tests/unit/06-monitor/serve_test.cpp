// The monitor's loop with a plain process as the container's first one.
#include "06-engine/monitor/serve.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "02-namespaces/terminal.hpp"
#include "06-engine/monitor/attach_client.hpp"
#include "06-engine/monitor/attach_protocol.hpp"
#include "06-engine/monitor/exit_record.hpp"
#include "06-engine/monitor/log_reader.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"
#include "common/spawn.hpp"
#include "common/text.hpp"
#include "common/unix_socket.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Pipe {
    Pipe() {
        int ends[2];
        check(::pipe2(ends, O_CLOEXEC), "pipe");
        read_end.reset(ends[0]);
        write_end.reset(ends[1]);
    }
    UniqueFd read_end, write_end;
};

// A shell as container, whose monitor is a thread of the test.
struct Container {
    explicit Container(const std::string& script) {
        SpawnPlan spawned;
        spawned.arguments = {"sh", "-c", script};
        spawned.program = "/bin/sh";
        spawned.files = {{in.read_end.get(), 0},
                         {out.write_end.get(), 1},
                         {err.write_end.get(), 2}};
        init.emplace(spawn(spawned));
        in.read_end.reset();
        out.write_end.reset();
        err.write_end.reset();
        plan.init = init->pid();
        plan.in = in.write_end.release();
        plan.out = out.read_end.release();
        plan.err = err.read_end.release();
        plan.listener = listen_attach(socket_path).release();
        plan.log_path = folder.path() + "/json.log";
        plan.exit_path = folder.path() + "/exit.json";
        plan.stdin_once = true;
    }
    ~Container() { join(); }
    void begin(const LocalClient* local = nullptr) {
        monitor = std::thread([this, local] {
            try {
                status = serve(plan, *init, local);
            } catch (const Error& error) {
                failure = error.message();
            }
        });
    }
    void join() {
        if (monitor.joinable()) monitor.join();
    }
    std::string log() const {
        std::string text;
        read_log(plan.log_path, {},
                 [&](LogStream stream, std::string_view more) {
                     text += cat(stream == LogStream::Err ? "E:" : "", more);
                 });
        return text;
    }

    TempDir folder{"serve"};
    std::string socket_path = folder.path() + "/attach", failure;
    Pipe in, out, err;
    std::optional<ChildProcess> init;
    MonitorPlan plan;
    ExitStatus status{-1, 0};
    std::thread monitor;
};

struct Got {
    std::string out, err, exit;
};

// All that a client gets, from its hello on.
Got all_messages(int socket) {
    Got got;
    while (true) {
        std::string message = receive_message(socket).bytes;
        if (message.empty()) return got;
        std::string rest = message.substr(1);
        if (message[0] == attach_out) got.out += rest;
        if (message[0] == attach_err) got.err += rest;
        if (message[0] == attach_exit) {
            got.exit = rest;
            return got;
        }
    }
}

UniqueFd attached(const std::string& path, const char* wants = "oe") {
    UniqueFd socket = connect_attach(path);
    send_attach(socket.get(), attach_wants, wants);
    return socket;
}

}  // namespace

TEST_CASE("serve: output, log, exit record") {
    Container container("echo out; echo err >&2; printf end; exit 7");
    container.begin();
    container.join();
    CHECK(container.status.code == 7);
    std::string log = container.log();
    CHECK(log.find("out\n") != std::string::npos);
    CHECK(log.ends_with("end"));
    CHECK(log.find("E:err\n") != std::string::npos);
    CHECK(read_exit_record(container.plan.exit_path)->exit_code() == 7);
    std::string record = read_file(container.plan.exit_path, 1000);
    CHECK(record.starts_with(
        cat("{\"pid\":", container.plan.init,
            ",\"exitCode\":7,\"signal\":0,\"finished\":\"20")));
}

TEST_CASE("serve: an end by a signal") {
    Container container("kill -9 $$");
    container.begin();
    container.join();
    CHECK(container.status.signal == SIGKILL);
    CHECK(read_exit_record(container.plan.exit_path)->exit_code() == 137);
}

TEST_CASE("serve: several are attached, input comes from any") {
    Container container("while read line; do echo got $line; done; exit 3");
    container.begin();
    UniqueFd one = attached(container.socket_path, "oei");
    UniqueFd two = attached(container.socket_path);
    UniqueFd waits = connect_attach(container.socket_path);
    send_attach(waits.get(), attach_waits);
    send_attach(one.get(), attach_in, "a\n");
    // Until both have seen it nothing is sent that could end it.
    CHECK(receive_message(one.get()).bytes == "ogot a\n");
    CHECK(receive_message(two.get()).bytes == "ogot a\n");
    send_attach(two.get(), attach_in, "b\n");
    send_attach(two.get(), attach_in_end);
    for (int socket : {one.get(), two.get()}) {
        Got got = all_messages(socket);
        CHECK(got.out == "got b\n");
        CHECK(got.exit == "3");
    }
    Got nothing = all_messages(waits.get());
    CHECK(nothing.out.empty());
    CHECK(nothing.exit == "3");
}

TEST_CASE("serve: who is attached from the beginning misses nothing") {
    Container container("echo first; echo second >&2");
    SocketPair pair = make_socket_pair();
    container.plan.client = pair.theirs.release();
    container.begin();
    Got got = all_messages(pair.ours.get());
    CHECK(got.out == "first\n");
    CHECK(got.err == "second\n");
    CHECK(got.exit == "0");
}

TEST_CASE("serve: who does not read makes it wait, who goes is forgotten") {
    Container container("head -c 5000000 /dev/zero; echo done >&2");
    UniqueFd slow, gone;
    {
        // Both attached before the program can end.
        Container waiting("read line; head -c 5000000 /dev/zero; echo x");
        waiting.plan.log_path.clear();
        waiting.begin();
        slow = attached(waiting.socket_path, "oei");
        gone = attached(waiting.socket_path);
        send_attach(slow.get(), attach_in, "go\n");
        pollfd is_readable{gone.get(), POLLIN, 0};
        ::poll(&is_readable, 1, -1);
        gone.reset();  // with much unread
        Got got = all_messages(slow.get());
        CHECK(got.out.size() == 5000002);
        CHECK(got.exit == "0");
    }
    container.begin();
    container.join();
    CHECK(container.status.ok());
}

TEST_CASE("serve: the end does not wait for who has stopped reading") {
    Container container("read line; head -c 1000000 /dev/zero; exit 5");
    container.begin();
    UniqueFd socket = attached(container.socket_path, "oei");
    send_attach(socket.get(), attach_in, "go\n");
    container.join();  // its output does not fit into the socket
    CHECK(container.status.code == 5);
    Got got = all_messages(socket.get());
    CHECK(got.out.size() == 1000000);
    CHECK(got.exit == "5");
}

TEST_CASE("serve: input that is not read does not hold up the output") {
    Container container("head -c 1000000 /dev/zero; wc -c");
    container.begin();
    UniqueFd socket = attached(container.socket_path, "oei");
    std::string out;
    std::thread typing([&] {
        for (int i = 0; i < 40; ++i)
            send_attach(socket.get(), attach_in, std::string(50'000, 'x'));
        send_attach(socket.get(), attach_in_end);
    });
    Got got = all_messages(socket.get());
    typing.join();
    CHECK(got.out.ends_with("\n"));
    CHECK(got.out.find("2000000") != std::string::npos);
}

TEST_CASE("serve: its input ends with who gave it, if that is asked for") {
    bool once = GENERATE(true, false);
    Container container("cat; echo eof");
    container.plan.stdin_once = once;
    container.begin();
    UniqueFd stays = attached(container.socket_path);
    UniqueFd first = attached(container.socket_path, "oei");
    send_attach(first.get(), attach_in, "x\n");
    CHECK(receive_message(stays.get()).bytes == "ox\n");
    first.reset();
    if (!once) send_attach(stays.get(), attach_signal, cat(SIGKILL));
    Got got = all_messages(stays.get());
    CHECK(got.out == (once ? "eof\n" : ""));
    CHECK(got.exit == (once ? "0" : "137"));
}

TEST_CASE("serve: signals by a client; messages that make no sense") {
    Container container(
        "trap 'echo usr1; exit 4' USR1; while read x; do echo ready; done");
    container.begin();
    UniqueFd socket = attached(container.socket_path);
    send_attach(socket.get(), attach_in, "go\n");
    CHECK(receive_message(socket.get()).bytes == "oready\n");
    for (const char* wrong : {"", "x", "-1", "99999", "0"})
        send_attach(socket.get(), attach_signal, wrong);
    for (const char* wrong : {"", "1", "a b", "1 -2", "99999 1"})
        send_attach(socket.get(), attach_resize, wrong);
    send_attach(socket.get(), AttachMessage{'?'}, "what");
    send_attach(socket.get(), attach_signal, cat(SIGUSR1));
    Got got = all_messages(socket.get());
    CHECK(got.out == "usr1\n");
    CHECK(got.exit == "4");
}

TEST_CASE("serve: a socket that only its owner reaches") {
    Container container("read line");
    struct stat info {};
    REQUIRE(::stat(container.socket_path.c_str(), &info) == 0);
    CHECK(S_ISSOCK(info.st_mode));
    CHECK((info.st_mode & 0777) == 0600);
    container.begin();
    UniqueFd socket = attached(container.socket_path, "i");
    send_attach(socket.get(), attach_in_end);
    CHECK_FALSE(all_messages(socket.get()).exit.empty());
    container.join();
    CHECK_THROWS_AS(connect_attach(container.socket_path), Error);
}

TEST_CASE("serve: the local client of a run in the foreground") {
    Container container("cat; echo err >&2; exit 2");
    Pipe in, out, err;
    LocalClient local{in.read_end.get(), out.write_end.get(),
                      err.write_end.get()};
    write_all(in.write_end.get(), "typed\n");
    in.write_end.reset();
    container.begin(&local);
    container.join();
    out.write_end.reset();
    err.write_end.reset();
    CHECK(read_all(out.read_end.get(), 1000) == "typed\n");
    CHECK(read_all(err.read_end.get(), 1000) == "err\n");
    CHECK(container.status.code == 2);
    CHECK(container.log() == "typed\nE:err\n");
}

TEST_CASE("serve: local output in large amounts, and to nobody") {
    Container container("head -c 3000000 /dev/zero");
    Pipe out;
    int flags = ::fcntl(out.write_end.get(), F_GETFL);
    LocalClient local{-1, out.write_end.get(), -1};
    container.begin(&local);
    std::size_t count = 0;
    char bytes[10'000];
    while (count < 3'000'000) {
        ssize_t n = ::read(out.read_end.get(), bytes, sizeof bytes);
        REQUIRE(n > 0);
        count += static_cast<std::size_t>(n);
    }
    container.join();
    CHECK(::fcntl(out.write_end.get(), F_GETFL) == flags);

    Container unread("head -c 3000000 /dev/zero; exit 6");
    Pipe nobody;
    nobody.read_end.reset();
    local.out = nobody.write_end.get();
    unread.begin(&local);
    unread.join();
    CHECK(unread.status.code == 6);
}

TEST_CASE("serve: a signal ends the waiting for who has stopped reading") {
    for (bool reader_goes : {false, true}) {
        SignalForwarder signals;  // before the monitor's thread: it blocks them
        Container container("head -c 300000 /dev/zero; exit 5");
        Pipe out;
        LocalClient local{-1, out.write_end.get(), -1};
        local.signals = &signals;
        container.begin(&local);
        // Ended, with more than the pipe holds.
        std::string bytes(1000, '\0');
        while (::access(container.plan.exit_path.c_str(), F_OK) != 0)
            REQUIRE(::read(out.read_end.get(), bytes.data(), 1) == 1);
        ::kill(::getpid(), SIGTERM);
        if (reader_goes) out.read_end.reset();  // both at once
        container.join();
        signals.take();  // if the reader was first; it would end us
        CHECK(container.failure.empty());
        CHECK(container.status.code == 5);
    }
}

TEST_CASE("serve: health checks, at their intervals, until the end") {
    Container container("read line");
    std::string marks = container.folder.path() + "/marks";
    container.plan.health.command = {
        "/bin/sh", "-c",
        "echo x >>" + marks + "; test $(wc -l <" + marks + ") -ge 3"};
    container.plan.health.start_period_ms = 60'000;
    container.plan.health.start_interval_ms = 1;
    container.plan.health.interval_ms = 60'000;
    container.begin();
    UniqueFd socket = attached(container.socket_path, "i");
    // Two fail, the third succeeds: the next one is a long time off.
    std::string text;
    while (text.size() < 6) {
        std::this_thread::yield();
        if (::access(marks.c_str(), F_OK) == 0) text = read_file(marks, 100);
    }
    send_attach(socket.get(), attach_in_end);
    container.join();
    CHECK(read_file(marks, 100).size() == 6);
}

TEST_CASE("attach client: input, output, exit code") {
    Container container("cat; echo err >&2; exit 9");
    container.begin();
    write_file_atomic(container.folder.path() + "/in", "from a file\n");
    std::string out = container.folder.path() + "/out";
    Pipe result;
    start_child(Why{"it uses descriptors 0 to 2"}, [&] {
        ::close(container.plan.in);  // the monitor's, or cat never ends
        UniqueFd in(
            ::open((container.folder.path() + "/in").c_str(), O_RDONLY));
        UniqueFd to(::open(out.c_str(), O_WRONLY | O_CREAT, 0600));
        ::dup2(in.get(), 0);
        ::dup2(to.get(), 1);
        ::dup2(to.get(), 2);
        UniqueFd socket = connect_attach(container.socket_path);
        AttachOptions options;
        options.input = true;
        AttachEnd end = attach(socket.get(), options);
        write_all(result.write_end.get(),
                  cat(static_cast<int>(end.how), " ", end.exit_code));
    }).wait();
    result.write_end.reset();
    CHECK(read_all(result.read_end.get(), 100) == "0 9");
    CHECK(read_file(out, 1000) == "from a file\nerr\n");
}

TEST_CASE("attach client: waiting for the exit code, or for nobody") {
    Container container("read line; exit 17");
    container.begin();
    UniqueFd typing = attached(container.socket_path, "i");
    UniqueFd socket = connect_attach(container.socket_path);
    send_attach(typing.get(), attach_in, "x\n");
    CHECK(wait_for_exit(socket.get()) == 17);

    SocketPair pair = make_socket_pair();
    pair.theirs.reset();
    CHECK_FALSE(wait_for_exit(pair.ours.get()));
    CHECK_NOTHROW(wait_until_gone(pair.ours.get()));
}
