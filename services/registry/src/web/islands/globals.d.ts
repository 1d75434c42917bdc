/** Address of the script that every page loads; put in by the build. */
declare const SITE_SCRIPT: string;
/** Addresses of scripts that are loaded when somebody asks for what they do, by name; put in by the build. */
declare const ON_DEMAND: Readonly<Record<string, string>>;
