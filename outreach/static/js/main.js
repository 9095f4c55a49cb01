// Names every behaviour and starts them. Each lives in its own module and works alone.
import { attachAll, register } from "outreach/registry";
import { connectAutosubmit } from "outreach/autosubmit";
import { connectDialog, listenForOpeners } from "outreach/dialog";
import { connectDraft } from "outreach/draft";
import { connectDropZone } from "outreach/drop-zone";
import { connectFocus } from "outreach/focus";
import { listenForKeys } from "outreach/keys";
import { connectList, listenForRowKeys } from "outreach/list";
import { connectMention } from "outreach/mention";
import { connectMenu } from "outreach/menu";
import { connectRail } from "outreach/rail";
import { listenToServer } from "outreach/server";
import { connectShortcuts } from "outreach/shortcuts";
import { connectTheme } from "outreach/theme";
import { connectToast } from "outreach/toast";

register("autosubmit", connectAutosubmit);
register("dialog", connectDialog);
register("draft", connectDraft);
register("drop-zone", connectDropZone);
register("focus", connectFocus);
register("list", connectList);
register("mention", connectMention);
register("menu", connectMenu);
register("rail", connectRail);
register("shortcuts", connectShortcuts);
register("theme", connectTheme);
register("toast", connectToast);

listenToServer();
listenForOpeners();
listenForRowKeys();
listenForKeys();
attachAll(document);
document.addEventListener("htmx:load", (event) => attachAll(event.detail.elt));
