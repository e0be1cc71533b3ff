#include "06-engine/engine/run_note.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <nlohmann/json.hpp>

#include "06-engine/engine/reading_pause.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/times.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_note = 1 << 20;

std::optional<std::string> read_if_there(const std::string& path) {
    try {
        return read_file(path, largest_note);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
        return std::nullopt;
    }
}

std::string run_file(const Engine& engine, const std::string& id) {
    return engine.run_folder_of(id) + "/run.json";
}
std::string joined_file(const Engine& engine, const std::string& id) {
    return engine.run_folder_of(id) + "/joined";
}
constexpr const char* end_name = "/ended.json";

std::string end_file(const Engine& engine, const std::string& id) {
    return engine.folder_of(id) + end_name;
}

// The first start writes it, before there is anything that could end.
std::string begun_file(const Engine& engine, const std::string& id) {
    return engine.folder_of(id) + "/hostname";
}

}  // namespace

std::string exit_record_path(const Engine& engine, const std::string& id) {
    return engine.run_folder_of(id) + "/exit.json";
}

std::optional<RunNote> read_run(const Engine& engine, const std::string& id) {
    std::string path = run_file(engine, id);
    std::optional<std::string> text = read_if_there(path);
    if (!text) return std::nullopt;
    DocumentField note = parse_document(*text, path, largest_note);
    RunNote run;
    run.monitor = read_process_id(note.at("monitor"));
    run.init = read_process_id(note.at("init"));
    run.started = note.at("started").text();
    run.restarts =
        static_cast<unsigned>(note.at("restarts").number(UINT32_MAX));
    run.back_off_ms =
        static_cast<unsigned>(note.at("backOff").number(UINT32_MAX));
    run.stopped_by = note.at("stoppedBy").text();
    run.stop_signal = static_cast<int>(note.at("stopSignal").number(128));
    return run;
}

void write_run(const Engine& engine, const std::string& id,
               const RunNote& note) {
    std::string folder = engine.run_folder_of(id);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", folder));
    nlohmann::ordered_json json = {{"monitor", process_json(note.monitor)},
                                   {"init", process_json(note.init)},
                                   {"started", note.started},
                                   {"restarts", note.restarts},
                                   {"backOff", note.back_off_ms},
                                   {"stoppedBy", note.stopped_by},
                                   {"stopSignal", note.stop_signal}};
    write_file_atomic(run_file(engine, id), json.dump(), 0600, ToDisk::Later);
}

void note_joined(const Engine& engine, const std::string& id) {
    std::string path = joined_file(engine, id);
    UniqueFd file(::open(path.c_str(),
                         O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    // Without a folder there is no run, as its caller will see.
    if (!file && errno != ENOENT) throw_errno(errno, cat("create ", path));
}

bool has_been_joined(const Engine& engine, const std::string& id) {
    return ::access(joined_file(engine, id).c_str(), F_OK) == 0;
}

void remove_run(const Engine& engine, const std::string& id) {
    // The note last: until then it says that there is something to clean up.
    std::string folder = engine.run_folder_of(id);
    for (const char* name : {"attach", "exit.json", "health.json"})
        ::unlink(cat(folder, "/", name).c_str());
    if (std::string shm = folder + "/shm"; ::access(shm.c_str(), F_OK) == 0)
        try_act(Why{"memory that was shared; whoever has it open keeps it"},
                "umount2", ::umount2, shm,
                shown(MNT_DETACH | UMOUNT_NOFOLLOW, "MNT_DETACH"));
    ::unlink(run_file(engine, id).c_str());
    remove_tree(folder);
}

std::optional<EndNote> read_end(const Engine& engine, const std::string& id) {
    return read_end_in(engine.folder_of(id));
}

std::optional<EndNote> read_end_in(const std::string& folder) {
    std::string path = folder + end_name;
    std::optional<std::string> text = read_if_there(path);
    if (!text) return std::nullopt;
    DocumentField note = parse_document(*text, path, largest_note);
    EndNote end;
    end.exit_code = static_cast<int>(note.at("exitCode").number(255));
    end.signal = static_cast<int>(note.at("signal").number(128));
    end.oom_killed = note.at("oomKilled").truth();
    end.started = note.at("started").text();
    end.finished = note.at("finished").text();
    end.error = note.at("error").text();
    end.reason = note.at("reason").text();
    end.restarts =
        static_cast<unsigned>(note.at("restarts").number(UINT32_MAX));
    end.stopped_by_hand = note.at("stoppedByHand").truth();
    return end;
}

EndNote end_with_machine(const Engine& engine, const std::string& id) {
    EndNote end;
    end.exit_code = 255;
    struct stat info {};
    if (::stat(begun_file(engine, id).c_str(), &info) == 0)
        end.started = format_time(info.st_mtime);
    end.finished = end.started;  // not before
    end.reason = "the machine went down while it ran";
    return end;
}

void write_end(const Engine& engine, const std::string& id,
               const EndNote& note) {
    nlohmann::ordered_json json = {{"exitCode", note.exit_code},
                                   {"signal", note.signal},
                                   {"oomKilled", note.oom_killed},
                                   {"started", note.started},
                                   {"finished", note.finished},
                                   {"error", note.error},
                                   {"reason", note.reason},
                                   {"restarts", note.restarts},
                                   {"stoppedByHand", note.stopped_by_hand}};
    // A power cut may lose it: then the container is known to have ended, too.
    write_file_atomic(end_file(engine, id), json.dump(), 0600, ToDisk::Later);
}

namespace {

bool has_run(const Engine& engine, const std::string& id) {
    return ::access(end_file(engine, id).c_str(), F_OK) == 0 ||
           ::access(begun_file(engine, id).c_str(), F_OK) == 0;
}

}  // namespace

//@ begin phase-of
Phase phase_of(const Engine& engine, const std::string& id,
               const std::optional<RunNote>& run) {
    if (!run) return has_run(engine, id) ? Phase::Exited : Phase::Created;
    bool looked_after = run->monitor.is_alive();
    if (run->init.is_alive())
        return looked_after ? Phase::Running : Phase::Lost;
    if (!looked_after) return Phase::Lost;
    if (run->init.pid != 0) return Phase::Ending;
    return run->back_off_ms != 0 ? Phase::Restarting : Phase::Starting;
}
//@ end phase-of

bool is_paused(const Engine& engine, const std::string& id) {
    RuntimeContext runtime = engine.runtime();
    try {
        ContainerFolder folder = ContainerFolder::look(runtime.root, id);
        return status_of(folder, folder.state_or_remains()) ==
                   ContainerStatus::Paused &&
               !end_forgotten_pause(engine, id);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::NotFound) return false;
        throw;
    }
}

}  // namespace slipway
