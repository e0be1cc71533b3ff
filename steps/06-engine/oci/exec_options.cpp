#include "06-engine/oci/exec_options.hpp"

#include "06-engine/oci/verb.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

auto store(std::string& to) {
    return [&to](const std::string& value) { to = value; };
}
auto append(std::vector<std::string>& to) {
    return [&to](const std::string& value) { to.push_back(value); };
}

std::uint32_t parse_id(std::string_view text, std::string_view option) {
    auto id = parse_unsigned(text, UINT32_MAX - 1);
    if (!id)
        throw Error(ErrorKind::InvalidArgument, cat(option, " ", quote(text)))
            .advise("write numbers, UID or UID:GID, from 0 to 4294967294");
    return static_cast<std::uint32_t>(*id);
}

void add_capabilities(ProcessSpec& process,
                      const std::vector<std::string>& names) {
    if (names.empty()) return;
    CapabilitySets sets = process.capabilities.value_or(CapabilitySets{});
    for (const std::string& name : names) {
        auto number = capability_number(name);
        if (!number)
            throw Error(ErrorKind::InvalidArgument, cat("--cap ", quote(name)))
                .advise(cat("did you mean ", nearest(name, capability_names()),
                            "?"));
        CapabilityMask bit = CapabilityMask{1} << *number;
        // Not inheritable: a file's capabilities would then reach whoever runs
        // it (CVE-2022-29162).
        sets.bounding |= bit;
        sets.effective |= bit;
        sets.permitted |= bit;
    }
    process.capabilities = sets;
}

}  // namespace

void declare_exec(CommandLine& line, ExecFlags& flags) {
    line.value("-p,--process", "FILE", "process.json: all that is below",
               store(flags.process_file));
    line.value("-u,--user", "UID[:GID]", "who it is", store(flags.user));
    line.value("--cwd", "DIR", "where it starts", store(flags.cwd));
    line.values("-e,--env", "NAME=VALUE", "for its environment",
                append(flags.env));
    line.values("-c,--cap", "CAP", "a capability more",
                append(flags.capabilities));
    line.values("-g,--additional-gids", "GID", "a group more",
                append(flags.groups));
    line.flag("-t,--tty", "with a terminal", flags.terminal);
    line.flag("-d,--detach", "return when it runs", flags.detach);
    line.flag("--no-new-privs", "set-uid programs give it nothing",
              flags.no_new_privileges);
    line.value("--pid-file", "FILE", "gets its number",
               store(flags.exec.pid_file));
    line.value("--console-socket", "PATH", "socket that gets the terminal",
               store(flags.exec.console_socket));
    line.value("--preserve-fds", "N", "hand on descriptors 3 to 2+N",
               preserved_count(flags.exec.preserved_files));
    auto ignored = [](const std::string&) {};
    line.value("--apparmor", "PROFILE", "ignored: no AppArmor", ignored);
    line.value("--process-label", "LABEL", "ignored: no SELinux", ignored);
}

User parse_exec_user(std::string_view text, const User& present) {
    std::size_t colon = text.find(':');
    User user = present;
    user.uid = parse_id(text.substr(0, colon), "--user");
    if (colon != std::string_view::npos)
        user.gid = parse_id(text.substr(colon + 1), "--user");
    return user;
}

ProcessSpec exec_process(const Spec& spec, const ExecFlags& flags,
                         const std::vector<std::string>& words) {
    if (!flags.process_file.empty())
        return parse_process(read_file(flags.process_file, largest_spec));
    if (words.size() < 2)
        throw Error(ErrorKind::InvalidArgument, "no command given")
            .advise("usage: slipway-oci exec [OPTION...] ID COMMAND [ARG...]");
    ProcessSpec process = spec.process.value_or(ProcessSpec{.cwd = "/"});
    process.args = {words.begin() + 1, words.end()};
    process.terminal = flags.terminal;
    process.console_size.reset();
    if (!flags.cwd.empty()) process.cwd = flags.cwd;
    if (!flags.cwd.empty() && flags.cwd[0] != '/')
        throw Error(ErrorKind::InvalidArgument,
                    cat("--cwd ", quote(flags.cwd), " is not absolute"));
    for (const std::string& each : flags.env)
        add_environment(process.env, each);
    if (!flags.user.empty())
        process.user = parse_exec_user(flags.user, process.user);
    for (const std::string& each : flags.groups)
        process.user.groups.push_back(parse_id(each, "--additional-gids"));
    add_capabilities(process, flags.capabilities);
    process.no_new_privileges |= flags.no_new_privileges;
    return process;
}

}  // namespace slipway
