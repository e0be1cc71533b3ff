#include "02-namespaces/id_map.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::string as_lines(const std::vector<IdRange>& ranges) {
    std::string lines;
    for (const IdRange& range : ranges)
        lines += cat(range.inside, " ", range.outside, " ", range.count, "\n");
    return lines;
}

// The name of the calling user, read from the file: the C library's lookup
// would load plug-ins that a static program cannot have.
std::string own_name() {
    std::ifstream users("/etc/passwd");
    for (std::string line; std::getline(users, line);) {
        std::vector<std::string> fields = split(line, ':');
        if (fields.size() > 2 && fields[2] == cat(::geteuid()))
            return fields[0];
    }
    // Of a directory service, say. newuidmap asks for itself who we are.
    const char* told = ::getenv("LOGNAME");
    return told ? told : "";
}

//@ begin map-granted
// The kernel takes no id twice: not our own, and none of an earlier line.
void map_granted(std::vector<IdRange>& map, std::uint64_t first,
                 std::uint64_t end) {
    std::vector<IdRange> taken = map;
    std::sort(taken.begin(), taken.end(),
              [](auto& a, auto& b) { return a.outside < b.outside; });
    auto add = [&](std::uint64_t from, std::uint64_t to) {
        if (from >= to) return;
        map.push_back({map.back().inside + map.back().count,
                       static_cast<std::uint32_t>(from),
                       static_cast<std::uint32_t>(to - from)});
    };
    for (const IdRange& range : taken) {
        add(first, std::min<std::uint64_t>(end, range.outside));
        first = std::max<std::uint64_t>(
            first, std::uint64_t{range.outside} + range.count);
    }
    add(first, end);
}
//@ end map-granted

bool installed(const std::string& tool) {
    return ::access(cat("/usr/bin/", tool).c_str(), X_OK) == 0;
}

//@ begin map-tool
// newuidmap(1) is set-uid root and writes ranges that /etc/subuid grants.
void run_map_tool(const std::string& tool, pid_t pid,
                  const std::vector<IdRange>& ranges) {
    std::vector<std::string> words = {cat("/usr/bin/", tool), cat(pid)};
    for (const IdRange& range : ranges)
        for (std::uint32_t id : {range.inside, range.outside, range.count})
            words.push_back(cat(id));
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    announce(Why{"more ids than our own: a set-uid tool may grant them"},
             "posix_spawn", join(words, " "));
    pid_t helper = -1;
    int status = 0;
    int error =
        ::posix_spawn(&helper, argv[0], nullptr, nullptr, argv.data(), environ);
    if (error != 0) throw_errno(error, cat("start ", tool));
    while (::waitpid(helper, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0)
        throw Error(ErrorKind::Forbidden, cat(tool, " refused the id map"))
            .advise("/etc/subuid and /etc/subgid list what you may map");
}
//@ end map-tool

// A line each: inside, outside, how many.
std::vector<IdRange> ranges_in(const std::string& path) {
    constexpr std::size_t largest_map = 64 << 10;
    std::istringstream text(read_file(path, largest_map));
    std::vector<IdRange> ranges;
    for (IdRange range; text >> range.inside >> range.outside >> range.count;)
        ranges.push_back(range);
    return ranges;
}

}  // namespace

IdRange parse_id_range(std::string_view text) {
    std::vector<std::string> fields = split(text, ':');
    std::vector<std::uint64_t> ids;
    for (const std::string& field : fields)
        if (auto id = parse_unsigned(field, UINT32_MAX - 1)) ids.push_back(*id);
    bool whole = fields.size() == 3 && ids.size() == 3 && ids[2] > 0;
    if (!whole || ids[0] + ids[2] > UINT32_MAX || ids[1] + ids[2] > UINT32_MAX)
        throw Error(ErrorKind::InvalidArgument, cat("id map ", quote(text)))
            .advise("write INSIDE:OUTSIDE:COUNT, as in 0:100000:65536");
    return {static_cast<std::uint32_t>(ids[0]),
            static_cast<std::uint32_t>(ids[1]),
            static_cast<std::uint32_t>(ids[2])};
}

//@ begin granted-ids
std::vector<IdRange> granted_ids(std::istream& lines,
                                 const std::string& user_name,
                                 const std::string& user_number,
                                 std::uint32_t own) {
    constexpr std::size_t enough = 300;  // the kernel takes 340 lines
    std::vector<IdRange> map = {{0, own, 1}};
    for (std::string line; std::getline(lines, line) && map.size() < enough;) {
        std::vector<std::string> fields = split(line, ':');
        if (fields.size() != 3 ||
            (fields[0] != user_name && fields[0] != user_number))
            continue;
        auto first = parse_unsigned(fields[1], UINT32_MAX);
        auto count = parse_unsigned(fields[2], UINT32_MAX);
        if (first && count && *first + *count <= UINT32_MAX)
            map_granted(map, *first, *first + *count);
    }
    return map;
}
//@ end granted-ids

//@ begin map-root
IdMaps map_root() {
    std::string name = own_name(), number = cat(::geteuid());
    std::ifstream uids("/etc/subuid"), gids("/etc/subgid");
    IdMaps maps{granted_ids(uids, name, number, ::geteuid()),
                granted_ids(gids, name, number, ::getegid())};
    bool may =
        ::geteuid() == 0 || (installed("newuidmap") && installed("newgidmap"));
    if (maps.uids.size() == 1 || maps.gids.size() == 1 || !may) {
        maps.uids.resize(1);
        maps.gids.resize(1);
    }
    return maps;
}
//@ end map-root

//@ begin write-id-maps
void write_id_maps(pid_t pid, const IdMaps& maps) {
    std::string proc = cat("/proc/", pid);
    bool single = maps.uids.size() == 1 && maps.uids[0].count == 1 &&
                  maps.gids.size() == 1 && maps.gids[0].count == 1;
    if (::geteuid() != 0 && !single) {
        run_map_tool("newuidmap", pid, maps.uids);
        run_map_tool("newgidmap", pid, maps.gids);
        return;
    }
    // Without this the kernel refuses the map of groups: a user who may drop
    // a group could gain access that the group was there to forbid.
    if (::geteuid() != 0)
        act(Why{"no dropping of groups for a user without privilege"},  //
            "write", write_kernel_file, shown(AT_FDCWD, "AT_FDCWD"),
            proc + "/setgroups", "deny");
    act(Why{"who the groups inside are outside"},  //
        "write", write_kernel_file, shown(AT_FDCWD, "AT_FDCWD"),
        proc + "/gid_map", as_lines(maps.gids));
    act(Why{"who the users inside are outside"},  //
        "write", write_kernel_file, shown(AT_FDCWD, "AT_FDCWD"),
        proc + "/uid_map", as_lines(maps.uids));
}
//@ end write-id-maps

bool in_user_namespace() {
    std::vector<IdRange> ids = ranges_in("/proc/self/uid_map");
    return ids.size() != 1 || ids[0].count != UINT32_MAX;
}

IdMaps same_ids() {
    IdMaps maps{ranges_in("/proc/self/uid_map"),
                ranges_in("/proc/self/gid_map")};
    for (auto* ranges : {&maps.uids, &maps.gids})
        for (IdRange& range : *ranges) range.outside = range.inside;
    return maps;
}

}  // namespace slipway
