// What the rows share.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare/probe/probe.hpp"

namespace probe {

const char* Plan::text(const char* name) const {
    size_t length = strlen(name);
    for (int i = 0; i < count; ++i)
        if (strncmp(words[i], name, length) == 0 && words[i][length] == '=')
            return words[i] + length + 1;
    return "";
}

long Plan::number(const char* name) const {
    return strtol(text(name), nullptr, 0);
}

const char* path_of(const char* format, ...) {
    static char path[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    return path;
}

void set_detail(Answer& answer, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(answer.detail, sizeof answer.detail, format, arguments);
    va_end(arguments);
}

Answer absent(const char* why) {
    Answer answer{.outcome = Outcome::Absent};
    set_detail(answer, "%s", why);
    return answer;
}

Answer open_with(const char* detail) {
    Answer answer{.outcome = Outcome::Open};
    set_detail(answer, "%s", detail);
    return answer;
}

Answer closed_with(const char* detail) {
    Answer answer{.outcome = Outcome::Closed};
    set_detail(answer, "%s", detail);
    return answer;
}

Answer failed() {
    return {.outcome = Outcome::Failed, .error = errno};
}

Answer of_call(long result) {
    if (result >= 0) return {.outcome = Outcome::Open};
    if (errno == ENOSYS) return {.outcome = Outcome::Absent, .error = ENOSYS};
    return {.outcome = Outcome::Closed, .error = errno};
}

Answer of_errno(long result, int allowed, int or_allowed) {
    int error = result < 0 ? errno : 0;
    if (error == 0 || error == allowed || error == or_allowed)
        return {.outcome = Outcome::Open, .error = error};
    if (error == ENOSYS) return {.outcome = Outcome::Absent, .error = error};
    return {.outcome = Outcome::Closed, .error = error};
}

Answer read_secret(int fd) {
    if (fd < 0) return {.outcome = Outcome::Closed, .error = errno};
    Answer answer{.outcome = Outcome::Open};
    ssize_t size = read(fd, answer.proof, sizeof answer.proof - 1);
    int error = errno;
    close(fd);
    if (size <= 0)
        return {.outcome = Outcome::Closed, .error = size < 0 ? error : 0};
    answer.proof[strcspn(answer.proof, "\n")] = '\0';
    return answer;
}

Answer read_secret(const char* path) {
    return read_secret(open(path, O_RDONLY | O_CLOEXEC));
}

long read_text(const char* path, char* text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    size_t filled = 0;
    while (filled + 1 < size) {
        ssize_t got = read(fd, text + filled, size - 1 - filled);
        if (got <= 0) break;
        filled += static_cast<size_t>(got);
    }
    close(fd);
    text[filled] = '\0';
    return static_cast<long>(filled);
}

long own_namespace(const char* name) {
    struct stat info {};
    if (stat(path_of("%s/self/ns/%s", proc(), name), &info) != 0) return -1;
    return static_cast<long>(info.st_ino);
}

Answer open_new_device(const char* name, unsigned mode, unsigned long device,
                       int flags) {
    if (*scratch() == '\0') return absent("no folder can be written");
    char path[512];
    snprintf(path, sizeof path, "%s/%s", scratch(), name);
    if (mknod(path, mode | 0600, device) != 0) {
        Answer answer = of_call(-1);
        set_detail(answer, "no node can be made");
        return answer;
    }
    int fd = open(path, flags | O_CLOEXEC);
    Answer answer = of_call(fd);
    // No driver behind the number: nothing that could be protected.
    if (answer.error == ENXIO || answer.error == ENODEV)
        answer.outcome = Outcome::Absent;
    set_detail(answer, fd < 0 ? "a node could be made, not opened"
                              : "made a node, and opened it");
    if (fd >= 0) close(fd);
    unlink(path);
    return answer;
}

}  // namespace probe
