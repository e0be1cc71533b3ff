#include "04-images/credential_helper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include <nlohmann/json.hpp>

#include "04-images/foreign_json.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/spawn.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_answer = 64 << 10;
using Clock = std::chrono::steady_clock;

// A name, not a path: the file that names it may come from somebody else.
void check_name(const std::string& name) {
    constexpr char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    if (!name.empty() && name.size() <= 64 &&
        name.find_first_not_of(letters) == std::string::npos)
        return;
    throw Error(ErrorKind::InvalidArgument,
                cat("credential helper ", quote(name), ": is no name"))
        .advise("look at credHelpers and credsStore in Docker's config.json");
}

// What the helper reads. A file and no pipe: one that does not read leaves us
// neither waiting nor with SIGPIPE.
UniqueFd question(const std::string& server) {
    UniqueFd file(check(::memfd_create("server", MFD_CLOEXEC), "memfd_create"));
    write_all(file.get(), server + '\n');
    check(::lseek(file.get(), 0, SEEK_SET), "rewind");
    return file;
}

ChildProcess start_helper(const std::string& program, int input, int output) {
    try {
        return spawn({.arguments = {program, "get"},
                      .files = {{input, STDIN_FILENO}, {output, STDOUT_FILENO}},
                      .flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF});
    } catch (const Error& error) {
        if (error.system_errno() != ENOENT) throw;
        throw Error(ErrorKind::NotFound,
                    cat("credential helper ", program, ": not on the PATH"))
            .advise("install it, or take it out of Docker's config.json");
    }
}

// Waits until `fd` can be read, or is at its end.
void wait_readable(int fd, Clock::time_point end, const std::string& program) {
    while (true) {
        auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        pollfd ready{fd, POLLIN, 0};
        int count = left.count() <= 0
                        ? 0
                        : ::poll(&ready, 1, static_cast<int>(left.count()));
        if (count > 0) return;
        if (count < 0 && errno == EINTR) continue;
        check(count, "poll");
        throw Error(ErrorKind::Unavailable,
                    cat("credential helper ", program, ": takes too long"))
            .advise("does it wait for you to unlock something?");
    }
}

std::string read_answer(int fd, Clock::time_point end,
                        const std::string& program) {
    std::string answer;
    char buffer[4096];
    while (true) {
        wait_readable(fd, end, program);
        ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        check(count, "read from ", program);
        if (count == 0) return answer;
        answer.append(buffer, static_cast<std::size_t>(count));
        if (answer.size() > longest_answer)
            throw Error(ErrorKind::InvalidArgument,
                        cat("credential helper ", program,
                            ": its answer exceeds 64 KiB"));
    }
}

Credentials parse_answer(const std::string& program,
                         const std::string& answer) {
    auto json =
        with_context(program, [&] { return parse_foreign_json(answer); });
    auto text = [&](const char* name) {
        auto found = json.is_object() ? json.find(name) : json.end();
        if (found == json.end() || !found->is_string())
            throw Error(ErrorKind::InvalidArgument,
                        cat("credential helper ", program,
                            ": its answer has "
                            "no ",
                            name));
        return found->template get<std::string>();
    };
    Credentials found{text("Username"), text("Secret"), ""};
    if (found.username == "<token>") {
        found.identity_token = std::move(found.password);
        found.username.clear();
        found.password.clear();
    }
    return found;
}

}  // namespace

std::optional<Credentials> ask_credential_helper(
    const std::string& name, const std::string& server,
    std::chrono::milliseconds patience) {
    check_name(name);
    const std::string program = "docker-credential-" + name;
    const Clock::time_point end = Clock::now() + patience;
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "pipe");
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    UniqueFd input = question(server);
    ChildProcess helper = start_helper(program, input.get(), write_end.get());
    write_end.reset();  // or its end would never be seen
    std::string answer = read_answer(read_end.get(), end, program);
    wait_readable(helper.pidfd(), end, program);
    ExitStatus status = helper.wait();
    if (status.ok()) return parse_answer(program, answer);
    if (answer.find("credentials not found") != std::string::npos) return {};
    throw Error(ErrorKind::Unavailable,
                cat("credential helper ", program, ": ",
                    answer.empty() ? "failed without a word"
                                   : quote(answer.substr(0, 200))))
        .advise(cat("try: echo ", server, " | ", program, " get"));
}

}  // namespace slipway
