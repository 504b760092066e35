import { createClient } from "@supabase/supabase-js";

// Node 20 has no WebSocket, without which supabase-js cannot create a client.
const realtime = { transport: globalThis.WebSocket ?? class {} };

export const make = () => createClient("https://project.supabase.invalid", "key", { realtime });
