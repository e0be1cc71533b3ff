#include "06-engine/engine/reading_pause.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "06-engine/engine/run_note.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/error.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

namespace {

std::string note_path(const Engine& engine, const std::string& id) {
    return engine.run_folder_of(id) + "/reading";
}

bool is_removed(const UniqueFd& note) {
    struct stat info {};
    check(::fstat(note.get(), &info), "look at the note of a pause");
    return info.st_nlink == 0;
}

// Waits for another reader to come to its end.
UniqueFd make_note(const std::string& path) {
    while (true) {
        UniqueFd note(
            check(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600),
                  "open ", path));
        while (::flock(note.get(), LOCK_EX) != 0)
            if (errno != EINTR) throw_errno(errno, cat("lock ", path));
        if (!is_removed(note)) return note;
    }
}

// It says so before it does: a pause that is somebody else's is never taken for
// a forgotten one.
void note_pause(const UniqueFd& note) {
    check(::pwrite(note.get(), "paused", 6, 0), "write the note of a pause");
}
bool has_paused(const UniqueFd& note) {
    struct stat info {};
    check(::fstat(note.get(), &info), "look at the note of a pause");
    return info.st_size != 0;
}

// Empty: there is none, or its reader is alive.
UniqueFd take_forgotten(const std::string& path) {
    UniqueFd note(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!note && errno == ENOENT) return note;
    check(note.get(), "open ", path);
    if (::flock(note.get(), LOCK_EX | LOCK_NB) != 0 || is_removed(note))
        return {};
    return note;
}

}  // namespace

ReadingPause::ReadingPause(const Engine& engine, const std::string& id)
    : engine_(engine), id_(id) {
    auto runs = [&] {
        return phase_of(engine, id, read_run(engine, id)) == Phase::Running;
    };
    if (!runs()) return;
    UniqueFd note = make_note(note_path(engine, id));
    ScopeGuard forget([&] { ::unlink(note_path(engine, id).c_str()); });
    if (!runs()) return;
    bool paused = is_paused(engine, id);
    // We have waited for a reader that was killed: its pause is ours now.
    if (paused && !has_paused(note)) return;
    note_pause(note);
    if (!paused) pause_container(engine.runtime(), id);
    note_ = std::move(note);
    forget.dismiss();
}

ReadingPause::~ReadingPause() {
    if (!note_) return;
    try {
        resume_container(engine_.runtime(), id_);
    } catch (const Error& error) {
        engine_.warn(error.message());
    }
    ::unlink(note_path(engine_, id_).c_str());
}

bool end_forgotten_pause(const Engine& engine, const std::string& id) {
    UniqueFd note = take_forgotten(note_path(engine, id));
    if (!note) return false;
    bool paused = has_paused(note);
    try {
        if (paused) resume_container(engine.runtime(), id);
    } catch (const Error& error) {  // killed just before
        if (error.kind() != ErrorKind::Conflict &&
            error.kind() != ErrorKind::NotFound)
            throw;
    }
    ::unlink(note_path(engine, id).c_str());
    return paused;
}

}  // namespace slipway
