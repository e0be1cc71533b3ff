// images, inspect, history: what is in the store.
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "04-images/image_view.hpp"
#include "04-images/layer_report.hpp"
#include "04-images/reference.hpp"
#include "04-images/verbs.hpp"
#include "common/error.hpp"
#include "common/format.hpp"
#include "common/numbers.hpp"
#include "common/terminal_safe.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

const std::vector<Column> image_columns = {{"Repository", "REPOSITORY"},
                                           {"Tag", "TAG"},
                                           {"ID", "IMAGE ID"},
                                           {"CreatedSince", "CREATED"},
                                           {"Size", "SIZE"}};

// One damaged image must not hide the others.
std::vector<StoredImage> read_all_images(const ImageStore& store, int& status) {
    std::vector<StoredImage> images;
    for (const NamedImage& named : list_images(store.content)) {
        try {
            images.push_back(read_image(store.content, named));
        } catch (const Error& error) {
            std::fprintf(stderr, "step4-images: %s\n",
                         terminal_safe(error.what()).c_str());
            status = 1;
        }
    }
    return images;
}

bool has_repository(const StoredImage& image, const std::string& wanted) {
    Reference reference = parse_reference(wanted);
    bool any_tag = wanted.find(':', wanted.rfind('/') + 1) == wanted.npos &&
                   !reference.digest;
    return any_tag ? image.name.name.starts_with(reference.name() + ":") ||
                         image.name.name.starts_with(reference.name() + "@")
                   : image.name.name == reference.text();
}

int list_all(const ImageStore& store, const ListForm& form,
             const std::vector<std::string>& words) {
    int status = 0;
    std::vector<ordered_json> rows;
    for (const StoredImage& image : read_all_images(store, status)) {
        if (!words.empty() && !has_repository(image, words[0])) continue;
        if (form.quiet)
            print(image_id_text(image.id(), form.whole) + "\n");
        else
            rows.push_back(image_row(store, image, form.whole, format_size));
    }
    if (!form.quiet)
        print(rows_text(rows, image_columns, form.template_text()));
    return status;
}

const std::vector<Column> history_columns = {{"ID", "IMAGE"},
                                             {"CreatedSince", "CREATED"},
                                             {"CreatedBy", "CREATED BY"},
                                             {"Size", "SIZE"},
                                             {"Comment", "COMMENT"}};

LayerReport report_on(const ImageStore& store, const StoredImage& image) {
    std::vector<std::string> folders;
    std::vector<UniqueFd> in_use;
    for (const Digest& diff_id : image.config.diff_ids) {
        in_use.push_back(store.snapshots.use(diff_id));
        folders.push_back(store.snapshots.path(diff_id));
    }
    ReportOptions options;
    if (store.user_xattr) options.form = FolderForm::UserOverlay;
    return report_layers(folders, image.config.history, options);
}

void print_report(const LayerReport& report, const ListForm& form) {
    if (form.template_text() == "json")
        print(report_json(report) + "\n");
    else if (form.form.empty())
        print(report_text(report));
    else
        print(
            fill_template(form.form, ordered_json::parse(report_json(report))) +
            "\n");
}

void print_history(const ImageStore& store, const StoredImage& image,
                   const ListForm& form) {
    print(rows_text(history_rows(store, image, form.whole, format_size),
                    history_columns,
                    form.quiet ? "{{.ID}}" : form.template_text()));
}

void print_inspected(const ordered_json& all, const std::string& form) {
    if (form.empty() || form == "json") {
        print(all.dump(form.empty() ? 4 : -1) + "\n");
        return;
    }
    for (const ordered_json& object : all)
        print(fill_template(form, object) + "\n");
}

}  // namespace

Verb images_verb(const Settings& settings) {
    auto form = std::make_shared<ListForm>();
    return {"images", "[OPTION...] [REPOSITORY[:TAG]]", "List the images.",
            [form](CommandLine& line) { declare_list_form(line, *form); },
            [&settings, form](auto& words) {
                if (words.size() > 1) only_word(words, "REPOSITORY");
                return list_all(settings.open_store(), *form, words);
            }};
}

Verb inspect_verb(const Settings& settings) {
    auto form = std::make_shared<std::string>();
    auto layers = std::make_shared<bool>(false);
    return {"inspect", "[OPTION...] IMAGE...", "All about images, as JSON.",
            [form, layers](CommandLine& line) {
                line.value("-f,--format", "TEMPLATE",
                           "for each image: '{{.Id}} {{json .Config.Env}}'",
                           [form](auto& text) { *form = text; });
                line.flag("--layers", "with what each layer adds and hides",
                          *layers);
            },
            [&settings, form, layers](auto& words) {
                if (words.empty()) only_word(words, "IMAGE");
                ImageStore store = settings.open_store();
                ordered_json all = ordered_json::array();
                for (const std::string& word : words) {
                    StoredImage image = find_stored_image(store.content, word);
                    all.push_back(inspect_image(store, image));
                    if (*layers)
                        all.back()["Layers"] = ordered_json::parse(
                            report_json(report_on(store, image)));
                }
                print_inspected(all, *form);
                return 0;
            }};
}

Verb history_verb(const Settings& settings) {
    auto form = std::make_shared<ListForm>();
    auto layers = std::make_shared<bool>(false);
    return {"history", "[OPTION...] IMAGE", "How an image was made.",
            [form, layers](CommandLine& line) {
                declare_list_form(line, *form);
                line.flag(
                    "--layers",
                    "what each layer adds, changes, deletes; which bytes\n"
                    "are in the image and cannot be seen",
                    *layers);
            },
            [&settings, form, layers](auto& words) {
                ImageStore store = settings.open_store();
                StoredImage image =
                    find_stored_image(store.content, only_word(words, "IMAGE"));
                if (*layers)
                    print_report(report_on(store, image), *form);
                else
                    print_history(store, image, *form);
                return 0;
            }};
}

}  // namespace slipway
