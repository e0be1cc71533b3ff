#include "04-images/run_image.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "04-images/image_user.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

//@ begin command-of
std::vector<std::string> command_of(const RunConfig& config,
                                    const RunOverrides& typed) {
    std::vector<std::string> words;
    if (!typed.entrypoint)
        words = config.entrypoint;
    else if (!typed.entrypoint->empty())
        words = {*typed.entrypoint};
    // Cmd is written for the image's own entrypoint.
    const auto& rest =
        typed.command.empty() && !typed.entrypoint ? config.cmd : typed.command;
    words.insert(words.end(), rest.begin(), rest.end());
    if (!words.empty()) return words;
    throw Error(ErrorKind::InvalidArgument,
                "the image names no command, and none was given")
        .advise("write one behind IMAGE");
}
//@ end command-of

std::vector<std::string> environment_of(const RunConfig& config,
                                        const RunOverrides& typed) {
    std::vector<std::string> environment = clean_environment();
    std::erase_if(environment, [](const std::string& assignment) {
        return assignment.starts_with("HOME=");  // the user's, found inside
    });
    for (const std::string& assignment : config.env)
        if (assignment.find('=') != assignment.npos && assignment[0] != '=')
            set_environment(environment, assignment);
    for (const std::string& text : typed.environment)
        add_environment(environment, text);
    return environment;
}

// No name is taken as a whole: "/proc/self/fd/N/…" may lead
// to a folder that we have open outside.
void make_folders_inside(int root_fd, const std::string& path) {
    std::string so_far = "/";
    for (const std::string& part : split(path, '/')) {
        if (part.empty()) continue;
        UniqueFd parent = open_in_root(root_fd, so_far, O_PATH | O_DIRECTORY);
        so_far += cat(part, "/");
        // ".." is there, whatever it leads to: open_in_root() looks after it.
        if (::mkdirat(parent.get(), part.c_str(), 0755) != 0 && errno != EEXIST)
            throw_errno(errno, cat("create workdir ", quote(path)));
    }
}

Inside prepare_inside(const std::string& user, const std::string& workdir,
                      std::vector<std::string> environment) {
    UniqueFd root(
        check(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open the root"));
    ImageUser found = find_image_user(root.get(), user);
    if (environment_value(environment, "HOME").empty())
        set_environment(environment, "HOME=" + found.home);
    if (!workdir.empty()) {
        if (workdir[0] != '/')
            throw Error(ErrorKind::InvalidArgument,
                        cat("workdir ", quote(workdir), " is not absolute"));
        make_folders_inside(root.get(), workdir);
    }
    return {{found.uid, found.gid, found.groups}, std::move(environment)};
}

}  // namespace slipway
